import { SyntaxFault } from '@switchhook/sip';
import { readDestination } from '../settings/destination.ts';
import type { Destination } from '../settings/destination.ts';
import type { SubscriberSettings } from '../settings/schema.ts';

/** A subscriber's settings, made ready for the calls that ask for them. */
export interface Services {
  readonly forwarding: Forwarding;
  readonly doNotDisturb: boolean;
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

/** Makes settings ready. What cannot be read counts as absent: it was refused where it was entered. */
export function servicesOf(settings: SubscriberSettings, domain: string): Services {
  const { forward = {}, busy = {}, doNotDisturb = false } = settings;
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
    doNotDisturb,
    busyWhenOneIs: busy.whenOneIs ?? false,
  };
}
