import type { Binding, CallPlan, Flow, ReceivedFrom, SipRequest, Stage, Target, Uri } from '@switchhook/sip';
import { NameAddr, SipUri, SyntaxFault, TelUri } from '@switchhook/sip';
import type { Group } from '../config/configuration.ts';
import type { Caller } from './access.ts';
import type { OurAddress } from './domains.ts';
import { trim } from './trim.ts';

/** What routing knows of the world while it decides; reading it changes nothing. */
export interface Directory {
  isSubscriber(user: string, domain: string): boolean;
  group(user: string, domain: string): Group | undefined;
  bindings(user: string, domain: string): readonly Binding[];
  /** The flow that a binding names, while it stands. */
  flow(id: number): Flow | undefined;
}

/** A request to be routed, and what was found out about it. */
export interface Question {
  readonly request: SipRequest;
  readonly uri: Uri;
  /** Route values that remain when this exchange's own are taken off. */
  readonly route: readonly string[];
  readonly caller: Caller;
  /** What the Request-URI means here; undefined when it is somebody else's address. */
  readonly address: OurAddress | undefined;
  /** Whether credentials for a realm were meant for us. */
  readonly isOurRealm: (realm: string) => boolean;
  /** For a GRUU: the bindings of the one instance that is meant, the newest first (RFC 5627 6.1). */
  readonly instance?: readonly Binding[];
}

/** Milliseconds that contacts of one preference ring before those of the next one do. */
const preferenceRingTime = 20_000;

/** Where a request goes: to the phones of a subscriber or a group, out into the world, or nowhere. */
export function route(question: Question, directory: Directory): CallPlan {
  const { address, caller, uri } = question;
  if (address === undefined || question.route.length > 0) {
    if (caller.kind === 'stranger') return { kind: 'reject', status: 403, reason: 'Relaying Denied' };
    if (uri instanceof TelUri && question.route.length === 0) return { kind: 'reject', status: 404 };
    return ring(question, [{ targets: [{ uri }] }]);
  }
  if (question.instance !== undefined) return orUnavailable(question, instanceStages(question.instance, directory));
  const { user = '', domain } = address;
  const group = directory.group(user, domain);
  if (group !== undefined) return orUnavailable(question, groupStages(group, caller, directory));
  if (!directory.isSubscriber(user, domain)) return { kind: 'reject', status: 404 };
  return orUnavailable(question, preferenceStages(directory.bindings(user, domain), directory));
}

/** One contact of the instance, whichever was refreshed last; its other flows are alternatives. */
function instanceStages(bindings: readonly Binding[], directory: Directory): Stage[] {
  const [target] = targetsOf(bindings, directory);
  return target === undefined ? [] : [{ targets: [target] }];
}

function orUnavailable(question: Question, stages: readonly Stage[]): CallPlan {
  return stages.length === 0 ? { kind: 'reject', status: 480 } : ring(question, stages);
}

function ring({ request, isOurRealm }: Question, stages: readonly Stage[]): CallPlan {
  return { kind: 'ring', stages, ...trim(request, isOurRealm) };
}

function groupStages(group: Group, caller: Caller, directory: Directory): Stage[] {
  const isCaller = (user: string): boolean =>
    caller.kind === 'subscriber' && caller.user === user && caller.domain === group.domain;
  const stages = group.members
    .filter((member) => !isCaller(member) && directory.isSubscriber(member, group.domain))
    .map((member) => targetsOf(directory.bindings(member, group.domain), directory))
    .filter((targets) => targets.length > 0);
  if (group.ring === 'in-turn') return stages.map((targets) => ({ targets, ringTime: group.ringTime }));
  const targets = stages.flat();
  return targets.length === 0 ? [] : [{ targets }];
}

/** Contacts of one preference ring together, the more preferred before the less (RFC 3261 16.6, 20.10). */
function preferenceStages(bindings: readonly Binding[], directory: Directory): Stage[] {
  const stages = grouped(bindings, (binding) => binding.q)
    .toSorted(([one], [other]) => (other?.q ?? 0) - (one?.q ?? 0))
    .map((equal) => targetsOf(equal, directory))
    .filter((targets) => targets.length > 0);
  return stages.map((targets, index) =>
    index === stages.length - 1 ? { targets } : { targets, ringTime: preferenceRingTime },
  );
}

/** Those with equal keys together. Nearly everybody has one phone, and then there is nothing to group. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): (readonly Item[])[] {
  return items.length === 1 ? [items] : [...Map.groupBy(items, keyOf).values()];
}

/** One target for each phone; its several flows are alternatives of each other, the newest first (RFC 5626 6). */
function targetsOf(bindings: readonly Binding[], directory: Directory): Target[] {
  const phones = grouped(bindings, (binding) =>
    binding.instanceId === undefined || binding.regId === undefined ? binding : binding.instanceId,
  );
  return phones.flatMap((flows) => {
    const [target, ...alternatives] = flows
      .toSorted((one, other) => other.updatedAt - one.updatedAt)
      .map((binding) => targetOf(binding, directory))
      .filter((each) => each !== undefined);
    if (target === undefined) return [];
    return [alternatives.length === 0 ? target : { ...target, alternatives }];
  });
}

/**
 * How to reach one binding: over its Path, else over the connection it came by, else at its contact. A WebSocket that is
 * gone cannot be opened from this side.
 */
function targetOf(binding: Binding, directory: Directory): Target | undefined {
  const uri = SipUri.parse(binding.contact);
  if (uri instanceof SyntaxFault) return undefined;
  const path = binding.path.map((value) => NameAddr.parse(value)).filter((value) => value instanceof NameAddr);
  if (path.length > 0) return { uri, route: path };
  const { received } = binding;
  if (received?.protocol === 'UDP' && isReachedDirectly(uri, received, binding)) return { uri };
  const flow = binding.flow === undefined ? undefined : directory.flow(binding.flow);
  if (flow !== undefined) return { uri, flow };
  if (received?.protocol === 'UDP') return { uri, destination: received };
  return received?.protocol === 'WS' || received?.protocol === 'WSS' ? undefined : { uri };
}

/**
 * Whether a phone that registered by datagrams is where its contact says. One that keeps a flow is at the far end of
 * that (RFC 5626), and one whose contact names another address than its datagrams come from is behind a NAT.
 */
function isReachedDirectly(uri: SipUri, received: ReceivedFrom, { regId }: Binding): boolean {
  return regId === undefined && (!uri.isNumericHost || uri.host === received.address);
}
