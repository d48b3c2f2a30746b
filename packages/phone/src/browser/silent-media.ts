import { StreamNegotiation } from '@switchhook/sip';
import type { MediaCapability, MediaEngine, MediaStream, SipContext, StreamAgreement } from '@switchhook/sip';
import type { CallMedia, DigitsOutcome, MediaRoom, PhoneMedia, PhoneMediaStats } from '../media.ts';
import { browserContext } from './browser-context.ts';
import { noLog } from '../no-log.ts';

const capability: MediaCapability = {
  kind: 'audio',
  formats: [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }],
  security: 'none',
  cryptoSuites: [],
  packetTime: 20,
};

/** Nobody is at the port that discards (RFC 863): whatever is sent there is heard nowhere. */
const nowhere = { address: '127.0.0.1', port: 9, controlPort: 9 };

/** Agrees on streams that carry nothing: media for whoever negotiates sound and makes none. `agreed` hears on what. */
export class SilentEngine implements MediaEngine {
  readonly capabilities = [capability];
  readonly #open = new Set<MediaStream>();
  readonly #agreed: (agreement: StreamAgreement) => void;

  constructor(agreed: (agreement: StreamAgreement) => void = () => undefined) {
    this.#agreed = agreed;
  }

  /** Streams that nobody has closed. */
  get streams(): number {
    return this.#open.size;
  }

  open(): Promise<MediaStream> {
    const stream: MediaStream = {
      local: nowhere,
      crypto: [],
      apply: this.#agreed,
      close: () => this.#open.delete(stream),
    };
    this.#open.add(stream);
    return Promise.resolve(stream);
  }
}

/**
 * Calls that agree on sound and have none: for a page that is to send texts, to see who calls, and to hand calls on, and
 * until it brings media of its own.
 */
export class SilentMedia implements PhoneMedia {
  onFault: ((message: string) => void) | undefined = undefined;
  readonly #context: SipContext;
  readonly #engine = new SilentEngine();

  constructor(context: SipContext = browserContext(noLog)) {
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
