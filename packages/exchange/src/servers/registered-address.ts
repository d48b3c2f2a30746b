import { decodeUtf8, Parameters, SyntaxFault } from '@switchhook/sip';
import type {
  Binding,
  ContactEvent,
  GruusOfBinding,
  LocationChangeCause,
  RegisteredAddress,
  RegisteredContact,
} from '@switchhook/sip';

/** What a registration is told with. */
export interface RegistrationView {
  /** As it was told last, if it was. */
  readonly earlier: RegisteredAddress | undefined;
  /** What has changed the bindings since. */
  readonly cause: LocationChangeCause;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Makes what tells one thing from others, the same for the same text. */
  readonly idOf: (text: string) => string;
  readonly gruusOf: (binding: Binding) => GruusOfBinding;
}

/** Why a contact is no more (RFC 3680 4.7.1): one whose connection has ended is welcome to register again. */
const endings: Readonly<Record<LocationChangeCause, ContactEvent>> = {
  registered: 'unregistered',
  expired: 'expired',
  'flow-ended': 'deactivated',
  administered: 'rejected',
};

/** The bindings of an address of record as RFC 3680 tells them, with those that have ended since they were told last. */
export function registeredAddress(
  addressOfRecord: string,
  bindings: readonly Binding[],
  view: RegistrationView,
): RegisteredAddress {
  const { earlier, cause, idOf } = view;
  const before = earlier?.contacts.filter(({ state }) => state === 'active') ?? [];
  const contacts = bindings.map((binding) => contactOf(binding, before, view));
  const ids = new Set(contacts.map(({ id }) => id));
  const ended = before
    .filter(({ id }) => !ids.has(id))
    .map((contact): RegisteredContact => ({
      ...contact,
      state: 'terminated',
      event: endings[cause],
      expires: undefined,
    }));
  const state = contacts.length > 0 ? 'active' : ended.length > 0 ? 'terminated' : 'init';
  return { addressOfRecord, id: idOf(addressOfRecord), state, contacts: [...contacts, ...ended] };
}

function contactOf(
  binding: Binding,
  before: readonly RegisteredContact[],
  { now, idOf, gruusOf }: RegistrationView,
): RegisteredContact {
  const { addressOfRecord, contact, instanceId, regId, callId, cseq, q, gruuCSeq } = binding;
  const id = idOf(JSON.stringify([addressOfRecord, contact, regId === undefined ? '' : instanceId, regId ?? '']));
  const expires = Math.max(0, Math.ceil((binding.expiresAt - now) / 1_000));
  const known = before.find((each) => each.id === id);
  // Only time has gone by. What is told stays the same, for each temporary GRUU that is made is another one.
  if (known !== undefined && known.callId === callId && known.cseq === cseq) return { ...known, expires };
  const { publicGruu, temporaryGruu } = gruusOf(binding);
  return {
    id,
    state: 'active',
    event: known === undefined ? 'registered' : 'refreshed',
    uri: decodeUtf8(contact),
    expires,
    q: q === 1 ? undefined : String(q),
    callId,
    cseq,
    parameters: parametersOf(binding),
    publicGruu,
    temporaryGruu: temporaryGruu === undefined ? undefined : { uri: temporaryGruu, firstCSeq: gruuCSeq ?? cseq },
  };
}

/** The parameters that RFC 3261 does not define, as they stand in the Contact: an instance with its quotes (RFC 5628 7). */
function parametersOf({ instanceId, regId, parameters }: Binding): readonly (readonly [string, string])[] {
  const others = Parameters.parse(parameters);
  return [
    ...(instanceId === undefined ? [] : [['+sip.instance', `"<${decodeUtf8(instanceId)}>"`] as const]),
    ...(regId === undefined ? [] : [['reg-id', String(regId)] as const]),
    ...(others instanceof SyntaxFault ? [] : [...others].map(([name, value]) => [name, decodeUtf8(value)] as const)),
  ];
}
