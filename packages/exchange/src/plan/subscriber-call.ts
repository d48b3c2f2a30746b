import type { Attempt, Binding, CallPlan, FollowingPlan, Stage, Target } from '@switchhook/sip';
import type { Destination } from '../settings/destination.ts';
import type { Account } from '../subscribers/account.ts';
import type { Call, Leg } from './call.ts';
import { deflection } from './deflection.ts';
import { findMeStages } from './find-me.ts';
import { forward, hasComeBack } from './forwarding.ts';
import type { RouteLeg } from './forwarding.ts';
import { historyInResponses } from './history.ts';
import type { DiversionCause } from './history.ts';
import { preferenceStages } from './phones.ts';
import type { Phones } from './phones.ts';
import { refusal } from './refusals.ts';
import type { FindAnnouncement } from './refusals.ts';
import { ring } from './ring.ts';
import { deniedBy } from './screening.ts';
import { partyOfCaller } from './parties.ts';
import type { Services } from './services.ts';

/** What a call for a subscriber needs to know and to have done. */
export interface SubscriberWorld {
  readonly phones: Phones;
  /** Calls that he has now. */
  calls(account: Account): number;
  readonly announcement: FindAnnouncement;
  /** Where a call goes on to when he sends it on. */
  readonly routeLeg: RouteLeg;
  /** The phones and addresses that one of his places stands for. */
  targetsAt(place: Destination, account: Account): readonly Target[];
  isAddressOf(place: Destination, account: Account): boolean;
}

/** What happens to a call for a subscriber: what he decided about it, else his phones ring. */
export function subscriberCall(
  call: Call,
  leg: Leg,
  account: Account,
  services: Services | undefined,
  bindings: readonly Binding[],
  world: SubscriberWorld,
): CallPlan {
  if (hasComeBack(call, leg, account)) {
    call.count?.('loop');
    call.note?.(`${account.user} has sent the call on before: a loop`);
    return { kind: 'reject', status: 482 };
  }
  if (services === undefined) {
    const plan = phonesOrNone(call, leg, account, preferenceStages(bindings, world.phones));
    if (plan.kind !== 'ring' || !call.diverts) return plan;
    return { ...plan, onRedirect: deflection(call, leg, account, 'proxy', world.routeLeg) };
  }
  const refused = screenIncoming(call, account, services, world);
  if (refused !== undefined) return refused;
  if (!call.diverts) return phonesOrNone(call, leg, account, preferenceStages(bindings, world.phones));
  return new Wishes(call, leg, account, services, bindings, world).plan();
}

/** The refusal of a call that a subscriber does not take from this caller (RFC 5359 2.13). */
export function screenIncoming(
  call: Call,
  account: Account,
  services: Services,
  { announcement }: Pick<SubscriberWorld, 'announcement'>,
): CallPlan | undefined {
  const denied = deniedIncoming(call, services);
  if (denied === undefined) return undefined;
  call.count?.('screened incoming');
  call.note?.(`${account.user} does not take this call: ${denied}`);
  const name = call.caller.kind === 'stranger' ? 'anonymous-refused' : 'screened-incoming';
  return refusal(call, 403, 'Screening Failure (Terminating)', announcement(account.domain, name));
}

/** Why a subscriber does not take a call, by who the caller has proved to be. */
export function deniedIncoming(call: Call, { incoming }: Services): string | undefined {
  if (incoming === undefined || call.caller.kind === 'participant' || call.request.method === 'ACK') return undefined;
  return deniedBy(incoming, partyOfCaller(call.caller), call.now);
}

/** What one subscriber wants to be done with one call. */
class Wishes {
  readonly #call: Call;
  readonly #leg: Leg;
  readonly #account: Account;
  readonly #services: Services;
  readonly #bindings: readonly Binding[];
  readonly #world: SubscriberWorld;

  constructor(
    call: Call,
    leg: Leg,
    account: Account,
    services: Services,
    bindings: readonly Binding[],
    world: SubscriberWorld,
  ) {
    this.#call = call;
    this.#leg = leg;
    this.#account = account;
    this.#services = services;
    this.#bindings = bindings;
    this.#world = world;
  }

  plan(): CallPlan {
    const call = this.#call;
    const { user } = this.#account;
    const { forwarding, doNotDisturb, lines } = this.#services;
    if (forwarding.always !== undefined) return this.#forward(forwarding.always, { diversion: 'unconditional' });
    if (doNotDisturb) {
      call.count?.('not disturbed');
      call.note?.(`${user} does not want to be disturbed`);
      return this.#busy({ diversion: 'do-not-disturb' });
    }
    if (lines !== Infinity && this.#world.calls(this.#account) >= lines) {
      call.count?.('all lines busy');
      call.note?.(`all lines of ${user} are busy`);
      return this.#busy({ diversion: 'user-busy' });
    }
    const stages = this.#stages();
    if (stages.length > 0) return this.#ring(stages);
    const { findMe } = this.#services;
    call.note?.(
      findMe === undefined ? `no phone of ${user} is registered` : `there is nowhere to look for ${user} now`,
    );
    if (forwarding.unavailable !== undefined)
      return this.#forward(forwarding.unavailable, { diversion: 'unavailable' });
    return { kind: 'reject', status: 480 };
  }

  #stages(): Stage[] {
    const call = this.#call;
    const account = this.#account;
    const { findMe, forwarding } = this.#services;
    if (findMe === undefined) {
      const ringTime = forwarding.noAnswer === undefined ? undefined : forwarding.ringTime;
      return preferenceStages(this.#bindings, this.#world.phones, ringTime);
    }
    call.count?.('looked for');
    call.note?.(`${account.user} is looked for, ${findMe.ring}`);
    return findMeStages(
      call,
      this.#leg,
      account,
      findMe,
      (place) => this.#world.isAddressOf(place, account),
      (place) => this.#world.targetsAt(place, account),
    );
  }

  #ring(stages: readonly Stage[]): CallPlan {
    const { forwarding, findMe, busyWhenOneIs } = this.#services;
    if (findMe === undefined) this.#call.note?.(`the phones of ${this.#account.user} ring`);
    const { removeHeaders, headers } = this.#call.trim;
    return {
      kind: 'ring',
      stages: findMe === undefined ? ring(this.#call, this.#leg, stages).stages : stages,
      removeHeaders,
      headers,
      history: findMe === undefined && this.#leg.chain === undefined ? undefined : historyInResponses(this.#call),
      busyEnds: busyWhenOneIs,
      onRedirect: deflection(this.#call, this.#leg, this.#account, forwarding.by, this.#world.routeLeg),
      onBusy: this.#following(forwarding.busy, { diversion: 'user-busy', status: 486 }, stages),
      onNoAnswer: this.#following(forwarding.noAnswer, { diversion: 'no-answer', status: 408 }, stages),
      // A phone that is registered and silent did not answer, to somebody who says no more about it.
      onUnavailable: this.#following(
        forwarding.unavailable ?? forwarding.noAnswer,
        { diversion: 'unavailable', status: 480 },
        stages,
      ),
    };
  }

  /** What follows when `stages` have rung in vain. */
  #following(to: Destination | undefined, cause: DiversionCause, stages: readonly Stage[]): FollowingPlan | undefined {
    if (to === undefined) return undefined;
    // Who only asks what would follow is told as if all had ended so.
    const all = stages.flatMap(({ targets }) => targets.map((target) => ({ target, status: cause.status })));
    return (tried = all) => this.#forward(to, cause, tried);
  }

  #busy(cause: DiversionCause): CallPlan {
    const { busy } = this.#services.forwarding;
    if (busy !== undefined) return this.#forward(busy, cause);
    const name = cause.diversion === 'do-not-disturb' ? 'do-not-disturb' : 'busy';
    return refusal(this.#call, 486, undefined, this.#world.announcement(this.#account.domain, name));
  }

  #forward(to: Destination, cause: DiversionCause, tried: readonly Attempt[] = []): CallPlan {
    const { by } = this.#services.forwarding;
    return forward(this.#call, this.#leg, this.#account, by, { to, cause, tried }, this.#world.routeLeg);
  }
}

function phonesOrNone(call: Call, leg: Leg, { user }: Account, stages: readonly Stage[]): CallPlan {
  if (stages.length > 0) {
    call.note?.(`the phones of ${user} ring`);
    return ring(call, leg, stages);
  }
  call.note?.(`no phone of ${user} is registered`);
  return { kind: 'reject', status: 480 };
}
