import { SyntaxFault } from '@switchhook/sip';
import { readDestination } from '../settings/destination.ts';
import type { Destination } from '../settings/destination.ts';
import type { SubscriberSettings } from '../settings/schema.ts';
import type { FindMe } from './find-me.ts';
import { screenOf } from './screening.ts';
import type { Screen } from './screening.ts';

/** A subscriber's settings, made ready for the calls that ask for them. */
export interface Services {
  readonly forwarding: Forwarding;
  /** Where he is looked for instead of at his registered phones alone. */
  readonly findMe: FindMe | undefined;
  readonly incoming: Screen | undefined;
  readonly outgoing: Screen | undefined;
  readonly doNotDisturb: boolean;
  /** Calls that he may have at a time. */
  readonly lines: number;
  /** One phone that is busy makes him busy. */
  readonly busyWhenOneIs: boolean;
}

export interface Forwarding {
  readonly always: Destination | undefined;
  readonly busy: Destination | undefined;
  readonly noAnswer: Destination | undefined;
  readonly unavailable: Destination | undefined;
  /** Milliseconds from the first 18x until nobody answers. */
  readonly ringTime: number;
  readonly by: 'proxy' | 'redirect';
}

/** Seconds that phones ring before a call is forwarded, where the subscriber says nothing else. */
const usualRingTime = 20;

const ownTimeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Makes settings ready. What cannot be read counts as absent: it was refused where it was entered. */
export function servicesOf(settings: SubscriberSettings, domain: string): Services {
  const { forward = {}, busy = {}, screening = {}, findMe, doNotDisturb = false } = settings;
  const { timeZone = ownTimeZone } = settings;
  const destination = (text: string | undefined): Destination | undefined => {
    const read = text === undefined ? undefined : readDestination(text, domain);
    return read instanceof SyntaxFault ? undefined : read;
  };
  return {
    forwarding: {
      always: destination(forward.always),
      busy: destination(forward.busy),
      noAnswer: destination(forward.noAnswer),
      unavailable: destination(forward.unavailable),
      ringTime: (forward.ringTime ?? usualRingTime) * 1_000,
      by: forward.by ?? 'proxy',
    },
    findMe: findMe && findMeOf(findMe, destination),
    incoming: screenOf(screening.incoming, domain, timeZone),
    outgoing: screenOf(screening.outgoing, domain, timeZone),
    doNotDisturb,
    lines: busy.lines ?? Infinity,
    busyWhenOneIs: busy.whenOneIs ?? false,
  };
}

function findMeOf(
  { ring = 'in-turn', places }: NonNullable<SubscriberSettings['findMe']>,
  destination: (text: string) => Destination | undefined,
): FindMe {
  return {
    ring,
    places: places.flatMap((each) => {
      const place = typeof each === 'string' ? { to: each } : each;
      const to = destination(place.to);
      if (to === undefined) return [];
      const { ringTime = usualRingTime, delay = 0, q = 1 } = place;
      return [{ to, ringTime: ringTime * 1_000, delay: delay * 1_000, q }];
    }),
  };
}
