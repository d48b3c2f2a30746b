import { SipUri } from '@switchhook/sip';
import type { Stage, Target, Uri } from '@switchhook/sip';
import type { Destination } from '../settings/destination.ts';
import type { Account } from '../subscribers/account.ts';
import type { Call, Leg } from './call.ts';
import { chainOf, divert, phoneEntry, withHistory } from './history.ts';
import type { Chain } from './history.ts';
import { ringWithin } from './phones.ts';
import { toldHistory } from './ring.ts';

/** Where somebody may be, and how it rings there. */
export interface Place {
  readonly to: Destination;
  /** Milliseconds from its first 18x. */
  readonly ringTime: number;
  /** Milliseconds. */
  readonly delay: number;
  readonly q: number;
}

/** How a subscriber is looked for (RFC 5359 2.12). */
export interface FindMe {
  readonly ring: 'in-turn' | 'together' | 'by-preference';
  readonly places: readonly Place[];
}

/** The phones and addresses that a place stands for, on behalf of whoever is looked for; none where he cannot be now. */
export type TargetsAt = (place: Destination) => readonly Target[];

/** A place as it is now. */
interface Found {
  readonly place: Place;
  readonly targets: readonly Target[];
}

/** The stages in which a subscriber's places ring. Nobody there sends the call on; the first set that answers has it. */
export function findMeStages(
  call: Call,
  leg: Leg,
  account: Account,
  { ring, places }: FindMe,
  isOwn: (place: Destination) => boolean,
  targetsAt: TargetsAt,
): Stage[] {
  const here = chainOf(call, leg);
  let others = 0;
  const found = places.flatMap((place): Found[] => {
    const targets = targetsAt(place.to);
    if (targets.length === 0) return [];
    const before = others;
    if (isOwn(place.to)) {
      others += targets.length;
      return [{ place, targets: atHome(leg.chain, here, targets, before) }];
    }
    others += 1;
    const to = call.secure && place.to instanceof SipUri ? place.to.with({ scheme: 'sips' }) : place.to;
    const chain = divert(call, leg, account, { diversion: 'follow-me' }, [], to, before);
    return [{ place, targets: toldPlace(here, chain, targets, to) }];
  });
  switch (ring) {
    case 'in-turn':
      return found.map((each) => stageOf([each]));
    case 'together':
      return found.length === 0 ? [] : [stageOf(found)];
    case 'by-preference':
      return [...Map.groupBy(found, ({ place }) => place.q)]
        .toSorted(([one], [other]) => other - one)
        .map(([, equal]) => stageOf(equal));
  }
}

/** His own phones, which are told the way of the call where somebody has sent it here; other places are told of them in any case. */
function atHome(sentOn: Chain | undefined, here: Chain, targets: readonly Target[], before: number): readonly Target[] {
  if (sentOn !== undefined) return toldHistory(sentOn, targets, undefined, before);
  return targets.map((target, at) => ({ ...target, history: [phoneEntry(here, target.uri, before + at)] }));
}

/** The targets at another place, whose own way leads by its address. */
function toldPlace(here: Chain, chain: Chain, targets: readonly Target[], place: Uri): readonly Target[] {
  const way = chain.entries.slice(here.entries.length);
  return toldHistory(chain, targets, place).map((target) =>
    withHistory(target, here.entries, [...way, ...(target.history ?? [])]),
  );
}

function stageOf(found: readonly Found[]): Stage {
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0 && only.place.delay === 0) {
    return { targets: only.targets, ringTime: only.place.ringTime, ringWithin };
  }
  return {
    targets: found.flatMap(({ targets, place: { delay, ringTime } }) =>
      targets.map((target) => ({ ...target, delay, ringTime })),
    ),
    ringTime: Math.max(...found.map(({ place: { delay, ringTime } }) => delay + ringTime)),
    ringWithin: Math.max(...found.map(({ place: { delay } }) => delay)) + ringWithin,
  };
}
