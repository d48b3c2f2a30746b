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

/** The same for a request that has a way of its own, which is not to go by the Path as well (RFC 5627 6.1). */
export function instanceOnTheWay(bindings: readonly Binding[], phones: Phones): Stage[] {
  const [target] = targetsOf(bindings, phones);
  return target === undefined ? [] : [{ targets: [{ uri: target.uri }] }];
}

/**
 * Contacts of one preference ring together, the more preferred before the less (RFC 3261 16.6, 20.10); each of them for
 * `ringTime` milliseconds, if there is one, and the last ones without end if there is none.
 */
export function preferenceStages(bindings: readonly Binding[], phones: Phones, ringTime?: number): Stage[] {
  const stages = byPreference(instancesOf(bindings))
    .map((equal) => targetsOfInstances(equal, phones))
    .filter((targets) => targets.length > 0);
  return stages.map((targets, index) => {
    if (ringTime !== undefined) return { targets, ringTime, ringWithin };
    return index === stages.length - 1 ? { targets } : { targets, ringTime: preferenceRingTime, ringWithin };
  });
}

/** One target for each phone. */
export function targetsOf(bindings: readonly Binding[], phones: Phones): Target[] {
  return targetsOfInstances(instancesOf(bindings), phones);
}

/** The bindings of one phone, the newest first. */
type Instance = readonly Binding[];

/**
 * Bindings by the phone that they are of: its flows, or what it registered before it was started anew (RFC 5627 6.1). Nearly
 * everybody has one phone, here and below, and then there is nothing to group.
 */
function instancesOf(bindings: readonly Binding[]): readonly Instance[] {
  if (bindings.length === 1) return [bindings];
  const instances = Map.groupBy(bindings, (binding) => binding.instanceId ?? binding);
  return [...instances.values()].map((each) => each.toSorted((one, other) => other.updatedAt - one.updatedAt));
}

/** The most preferred first; a phone says last how much it is. */
function byPreference(instances: readonly Instance[]): readonly (readonly Instance[])[] {
  if (instances.length === 1) return [instances];
  return [...Map.groupBy(instances, ([newest]) => newest?.q ?? 0)]
    .sort(([one], [other]) => other - one)
    .map(([, equal]) => equal);
}

/**
 * One target for each instance, which must not be asked twice at a time (RFC 5626 7): its several contacts are alternatives of
 * each other.
 */
function targetsOfInstances(instances: readonly Instance[], phones: Phones): Target[] {
  const targets: Target[] = [];
  for (const bindings of instances) {
    const ways: Target[] = [];
    for (const binding of bindings) {
      const way = targetOf(binding, phones);
      if (way !== undefined) ways.push(way);
    }
    const [target] = ways;
    if (target !== undefined) targets.push(ways.length === 1 ? target : { ...target, alternatives: ways.slice(1) });
  }
  return targets;
}

/**
 * How to reach one binding: over its Path, else over the connection it came by, else at its contact. A WebSocket that is
 * gone cannot be opened from this side, nor the connection of a phone that is reached by its flow alone (RFC 5626).
 */
function targetOf(binding: Binding, phones: Phones): Target | undefined {
  const uri = SipUri.parse(binding.contact);
  if (uri instanceof SyntaxFault) return undefined;
  const owner = binding.addressOfRecord;
  if (binding.path.length > 0) {
    const path = binding.path.map((value) => NameAddr.parse(value)).filter((value) => value instanceof NameAddr);
    if (path.length > 0) return { uri, owner, route: path };
  }
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
