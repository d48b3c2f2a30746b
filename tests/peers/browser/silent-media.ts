import type { CallMedia, DigitsOutcome, MediaRoom, PhoneMedia, PhoneMediaStats } from '@switchhook/phone';
import { StreamNegotiation } from '@switchhook/sip';
import type { SipContext } from '@switchhook/sip';
import { SilentEngine } from '../support/silent-engine.ts';

/** Calls that agree on sound and have none. */
export class SilentMedia implements PhoneMedia {
  onFault: ((message: string) => void) | undefined = undefined;
  readonly #context: SipContext;
  readonly #engine = new SilentEngine([]);

  constructor(context: SipContext) {
    this.#context = context;
  }

  open(): CallMedia {
    return {
      negotiation: new StreamNegotiation(this.#context, this.#engine),
      sound: undefined,
      connected: false,
      muted: false,
      onDigit: undefined,
      play: () => undefined,
      sendDigits: () => Promise.resolve<DigitsOutcome>('not-possible'),
      close: () => undefined,
    };
  }

  room(): MediaRoom {
    return {
      connected: false,
      muted: false,
      add: () => undefined,
      remove: () => undefined,
      setMuted: () => undefined,
      isMuted: () => false,
      close: () => undefined,
      stats: () => ({ members: 0, persons: 0 }),
    };
  }

  signal(): void {
    // A page shows it.
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  stats(): PhoneMediaStats {
    return { streams: this.#engine.streams, devices: 0 };
  }
}
