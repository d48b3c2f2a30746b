import { SyntaxFault } from '../message/fault.ts';
import { SipUri } from '../message/sip-uri.ts';
import type { Binding, ReceivedFrom } from './binding.ts';
import { hasLostConnection } from './binding-reach.ts';
import type { ContactRequest } from './contact-request.ts';
import { leadsBack, Refusal, tooManyContacts } from './refusal.ts';
import type { Registration } from './registration.ts';

/** What a binding takes from elsewhere than from the Contact. */
export interface UpdateContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly maximumContacts: number;
  readonly flow: number | undefined;
  readonly received: ReceivedFrom | undefined;
  /** Makes an id that a new set of temporary GRUUs hides. */
  readonly newGruuId: () => string;
  /** What a temporary GRUU hides; undefined for any other URI. */
  readonly gruuIdOf: (uri: SipUri) => string | undefined;
}

/**
 * The bindings that a REGISTER makes of the present ones, or why it fails: all of it happens or nothing
 * (RFC 3261 10.3 steps 6 and 7, RFC 5626 6, RFC 5627 5.1). Pure, and the same array back for a mere query.
 */
export function updateBindings(
  current: readonly Binding[],
  registration: Registration,
  context: UpdateContext,
): readonly Binding[] | Refusal {
  const { change } = registration;
  if (change.kind === 'query') return current;
  if (change.kind === 'remove-all') {
    return current.some((binding) => isOutOfOrder(binding, registration)) ? outOfOrder : [];
  }
  let bindings = [...current];
  for (const contact of change.contacts) {
    if (contact.expires > 0 && isGruuOf(current, contact.uri, context)) return leadsBack;
    const old = current.find((binding) => isSame(binding, contact));
    if (old !== undefined && isOutOfOrder(old, registration)) return outOfOrder;
    bindings = placed(bindings, old, contact.expires === 0 ? undefined : makeBinding(contact, registration, context));
  }
  const added = change.contacts.filter(({ expires }) => expires > 0);
  if (added.length > 0) bindings = withoutAbandoned(bindings, added, registration, context);
  if (bindings.length > Math.max(context.maximumContacts, current.length)) return tooManyContacts;
  return withGruuIds(bindings, current, change.contacts, registration, context);
}

/**
 * Without what leads nowhere any more. A phone that registers from another port than before takes the place of what it
 * registered over a connection that has ended. Where there are too many all the same, those without their connection go, whosever
 * they are, then those from before the phone was started anew, as far as that shows; of each the oldest first.
 */
function withoutAbandoned(
  bindings: readonly Binding[],
  added: readonly ContactRequest[],
  registration: Registration,
  { maximumContacts, received }: UpdateContext,
): Binding[] {
  const left = bindings.filter(
    (binding) => !hasLostConnection(binding) || !added.some((contact) => hasMoved(binding, contact, registration)),
  );
  if (left.length <= maximumContacts) return left;
  const isForgotten = (binding: Binding): boolean =>
    binding.callId !== registration.callId && added.some((contact) => isOfPhone(binding, contact));
  const isLikeIt = (binding: Binding): boolean =>
    added.some((contact) => isOfNamelessPhone(binding, contact, registration, received));
  const byAge = left.toSorted((one, other) => one.updatedAt - other.updatedAt);
  const dispensable = [hasLostConnection, isForgotten, isLikeIt].flatMap((isSo) => byAge.filter(isSo));
  const going = new Set([...new Set(dispensable)].slice(0, left.length - maximumContacts));
  return left.filter((binding) => !going.has(binding));
}

/**
 * Whether the binding is of the phone that registers the contact now, from the same host. That it is the same is told by its
 * instance, or by its name under the Call-ID that it keeps until it is started anew (RFC 3261 10.2.4).
 */
function hasMoved(binding: Binding, contact: ContactRequest, { callId, cseq }: Registration): boolean {
  const uri = SipUri.parse(binding.contact);
  if (uri instanceof SyntaxFault || uri.host !== contact.uri.host || binding.regId !== undefined) return false;
  if (binding.callId !== callId) return isOfPhone(binding, contact);
  return binding.cseq < cseq && (isOfPhone(binding, contact) || uri.user === contact.uri.user);
}

/** Whether both name the same instance, and the binding is no flow of it. */
function isOfPhone({ instanceId, regId }: Binding, contact: ContactRequest): boolean {
  return instanceId !== undefined && regId === undefined && instanceId === contact.instanceId;
}

/**
 * Whether the binding is from before a phone that tells of no instance, and has no connection to lose (UDP), was started
 * anew: the host that it names, the address that it really registers from and its product are those of the contact. Under the
 * Call-ID that it has kept its name has to be, too.
 */
function isOfNamelessPhone(
  binding: Binding,
  contact: ContactRequest,
  { callId, cseq, userAgent }: Registration,
  received: ReceivedFrom | undefined,
): boolean {
  if (binding.received?.protocol !== 'UDP' || received?.protocol !== 'UDP') return false;
  if (binding.instanceId !== undefined || contact.instanceId !== undefined) return false;
  if (binding.received.address !== received.address || binding.userAgent !== userAgent) return false;
  const uri = SipUri.parse(binding.contact);
  if (uri instanceof SyntaxFault || uri.host !== contact.uri.host) return false;
  return binding.callId !== callId || (binding.cseq < cseq && uri.user === contact.uri.user);
}

/** Whether the URI is a temporary GRUU of the very address of record (RFC 5627 5.1). */
function isGruuOf(current: readonly Binding[], uri: SipUri, context: UpdateContext): boolean {
  const gruuId = context.gruuIdOf(uri);
  return gruuId !== undefined && current.some((binding) => binding.gruuId === gruuId);
}

/** A binding update that comes too late makes the whole request fail (RFC 3261 10.3 step 7). */
const outOfOrder = new Refusal(500, 'CSeq Out of Order');

function isOutOfOrder(binding: Binding, registration: Registration): boolean {
  return binding.callId === registration.callId && registration.cseq <= binding.cseq;
}

/** Whether the contact is that of the binding: by instance and reg-id (RFC 5626 6), else by URI (RFC 3261 19.1.4). */
function isSame(binding: Binding, contact: ContactRequest): boolean {
  if (binding.regId !== contact.regId) return false;
  if (contact.regId !== undefined) return binding.instanceId === contact.instanceId;
  if (binding.contact === contact.uri.toString()) return true;
  const uri = SipUri.parse(binding.contact);
  return !(uri instanceof SyntaxFault) && uri.equals(contact.uri);
}

function placed(bindings: readonly Binding[], old: Binding | undefined, fresh: Binding | undefined): Binding[] {
  if (old === undefined) return fresh === undefined ? [...bindings] : [...bindings, fresh];
  return bindings.flatMap((binding) => (binding !== old ? [binding] : fresh === undefined ? [] : [fresh]));
}

function makeBinding(contact: ContactRequest, registration: Registration, context: UpdateContext): Binding {
  const { instanceId, regId } = contact;
  const { flow, received } = context;
  const userAgent = registration.userAgent;
  return {
    addressOfRecord: registration.addressOfRecord,
    contact: detached(contact.uri.toString()),
    parameters: detached(contact.parameters),
    q: contact.q,
    callId: detached(registration.callId),
    cseq: registration.cseq,
    expiresAt: context.now + contact.expires * 1000,
    updatedAt: context.now,
    path: registration.path.map(detached),
    ...(instanceId !== undefined && { instanceId: detached(instanceId) }),
    ...(regId !== undefined && { regId }),
    ...(flow !== undefined && { flow }),
    ...(received !== undefined && { received }),
    ...(userAgent !== undefined && { userAgent: detached(userAgent) }),
  };
}

/**
 * Gives every binding of an instance the one id that its temporary GRUUs hide. A registration that renews a contact
 * of the instance under another Call-ID means that the phone has forgotten its GRUUs: a new id takes the place of the
 * old one, and they all end (RFC 5627 5.1).
 */
function withGruuIds(
  bindings: readonly Binding[],
  current: readonly Binding[],
  contacts: readonly ContactRequest[],
  registration: Registration,
  context: UpdateContext,
): readonly Binding[] {
  let result = bindings;
  for (const { instanceId, regId, expires } of contacts) {
    if (instanceId === undefined || expires === 0) continue;
    const ofInstance = current.filter((binding) => binding.instanceId === instanceId);
    const latest = ofInstance
      .filter((binding) => regId === undefined || binding.regId === regId)
      .reduce<Binding | undefined>((best, each) => (best && best.updatedAt > each.updatedAt ? best : each), undefined);
    const forgotten = latest !== undefined && latest.callId !== registration.callId;
    const kept = forgotten ? undefined : ofInstance.find((binding) => binding.gruuId !== undefined);
    const gruuId = kept?.gruuId ?? (registration.supportsGruu ? context.newGruuId() : undefined);
    const gruuCSeq = kept === undefined ? registration.cseq : (kept.gruuCSeq ?? kept.cseq);
    result = result.map((binding) =>
      binding.instanceId === instanceId ? withGruuId(binding, gruuId, gruuCSeq) : binding,
    );
  }
  return result;
}

function withGruuId(binding: Binding, gruuId: string | undefined, gruuCSeq: number): Binding {
  if (binding.gruuId === gruuId) return binding;
  if (gruuId !== undefined) return { ...binding, gruuId, gruuCSeq };
  const copy: { -readonly [Key in keyof Binding]: Binding[Key] } = { ...binding };
  delete copy.gruuId;
  delete copy.gruuCSeq;
  return copy;
}

/** A copy that does not keep the whole message alive, as the slice of a string otherwise does in JavaScript engines. */
function detached(text: string): string {
  return text === '' ? '' : ` ${text}`.slice(1);
}
