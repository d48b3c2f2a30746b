import { NameAddr, SipUri, SyntaxFault } from '@switchhook/sip';
import type { Binding, Flow, ReceivedFrom, Stage, Target } from '@switchhook/sip';

/** What is known of phones while it is decided; reading it changes nothing. */
export interface Phones {
  /** The flow that a binding names, while it stands. */
  flow(id: number): Flow | undefined;
}

/** Milliseconds that contacts of one preference ring before those of the next one do. */
const preferenceRingTime = 20_000;

/** Milliseconds until a first phone has to ring before others are tried: four times what a lost datagram costs twice. */
export const ringWithin = 8_000;

/** One contact of the instance, whichever was refreshed last; its other flows are alternatives. */
export function instanceStages(bindings: readonly Binding[], phones: Phones): Stage[] {
  const [target] = targetsOf(bindings, phones);
  return target === undefined ? [] : [{ targets: [target] }];
}

/**
 * Contacts of one preference ring together, the more preferred before the less (RFC 3261 16.6, 20.10); each of them for
 * `ringTime` milliseconds, if there is one, and the last ones without end if there is none.
 */
export function preferenceStages(bindings: readonly Binding[], phones: Phones, ringTime?: number): Stage[] {
  const stages = byPreference(bindings)
    .map((equal) => targetsOf(equal, phones))
    .filter((targets) => targets.length > 0);
  return stages.map((targets, index) => {
    if (ringTime !== undefined) return { targets, ringTime, ringWithin };
    return index === stages.length - 1 ? { targets } : { targets, ringTime: preferenceRingTime, ringWithin };
  });
}

/** The most preferred first. Nearly everybody has one phone, here and below, and then there is nothing to group. */
function byPreference(bindings: readonly Binding[]): readonly (readonly Binding[])[] {
  if (bindings.length === 1) return [bindings];
  return [...Map.groupBy(bindings, ({ q }) => q).values()].sort(([one], [other]) => (other?.q ?? 0) - (one?.q ?? 0));
}

/** One target for each phone; its several flows are alternatives of each other, the newest first (RFC 5626 6). */
export function targetsOf(bindings: readonly Binding[], phones: Phones): Target[] {
  const [only] = bindings;
  if (only !== undefined && bindings.length === 1) {
    const target = targetOf(only, phones);
    return target === undefined ? [] : [target];
  }
  const instances = Map.groupBy(bindings, (binding) =>
    binding.instanceId === undefined || binding.regId === undefined ? binding : binding.instanceId,
  );
  return [...instances.values()].flatMap((flows) => {
    const [target, ...alternatives] = flows
      .toSorted((one, other) => other.updatedAt - one.updatedAt)
      .map((binding) => targetOf(binding, phones))
      .filter((each) => each !== undefined);
    if (target === undefined) return [];
    return [alternatives.length === 0 ? target : { ...target, alternatives }];
  });
}

/**
 * How to reach one binding: over its Path, else over the connection it came by, else at its contact. A WebSocket that is
 * gone cannot be opened from this side, nor the connection of a phone that is reached by its flow alone (RFC 5626).
 */
function targetOf(binding: Binding, phones: Phones): Target | undefined {
  const uri = SipUri.parse(binding.contact);
  if (uri instanceof SyntaxFault) return undefined;
  const owner = binding.addressOfRecord;
  const path = binding.path.map((value) => NameAddr.parse(value)).filter((value) => value instanceof NameAddr);
  if (path.length > 0) return { uri, owner, route: path };
  const { received } = binding;
  if (received?.protocol === 'UDP' && isReachedDirectly(uri, received, binding)) return { uri, owner };
  const flow = binding.flow === undefined ? undefined : phones.flow(binding.flow);
  if (flow !== undefined) return { uri, owner, flow };
  if (received?.protocol === 'UDP') return { uri, owner, destination: received };
  const isWebSocket = received?.protocol === 'WS' || received?.protocol === 'WSS';
  return isWebSocket || (received !== undefined && binding.regId !== undefined) ? undefined : { uri, owner };
}

/**
 * Whether a phone that registered by datagrams is where its contact says. One that keeps a flow is at the far end of
 * that (RFC 5626), and one whose contact names another address than its datagrams come from is behind a NAT.
 */
function isReachedDirectly(uri: SipUri, received: ReceivedFrom, { regId }: Binding): boolean {
  return regId === undefined && (!uri.isNumericHost || uri.host === received.address);
}
