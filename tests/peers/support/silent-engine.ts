import type { MediaCapability, MediaEngine, MediaStream, StreamAgreement } from '@switchhook/sip';

const capability: MediaCapability = {
  kind: 'audio',
  formats: [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }],
  security: 'none',
  cryptoSuites: [],
  packetTime: 20,
};

/** Media that agree and make no sound, for tests of signalling on any platform. */
export class SilentEngine implements MediaEngine {
  readonly capabilities = [capability];
  /** What was agreed on for its streams, the latest last. */
  readonly agreed: StreamAgreement[];
  readonly #open = new Set<MediaStream>();

  constructor(agreed: StreamAgreement[]) {
    this.agreed = agreed;
  }

  /** Streams that nobody has closed. */
  get streams(): number {
    return this.#open.size;
  }

  open(): Promise<MediaStream> {
    const stream: MediaStream = {
      local: { address: '127.0.0.1', port: 40_000, controlPort: 40_001 },
      crypto: [],
      apply: (agreement) => this.agreed.push(agreement),
      close: () => this.#open.delete(stream),
    };
    this.#open.add(stream);
    return Promise.resolve(stream);
  }
}
