import type { MediaCapability, MediaEngine, MediaFormat, MediaStream, StreamAgreement } from './media.ts';

export const pcmu: MediaFormat = { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 };
export const pcma: MediaFormat = { payloadType: 8, encoding: 'PCMA', clockRate: 8_000, channels: 1 };
export const opus: MediaFormat = {
  payloadType: 96,
  encoding: 'opus',
  clockRate: 48_000,
  channels: 2,
  parameters: 'useinbandfec=1',
};
export const events: MediaFormat = {
  payloadType: 101,
  encoding: 'telephone-event',
  clockRate: 8_000,
  channels: 1,
  parameters: '0-15',
};
export const wideEvents: MediaFormat = { ...events, payloadType: 97, clockRate: 48_000 };

export function audio(changes: Partial<MediaCapability> = {}): MediaCapability {
  return {
    kind: 'audio',
    formats: [pcmu, pcma, events],
    security: 'none',
    cryptoSuites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
    packetTime: 20,
    ...changes,
  };
}

/** A stream that only remembers what was agreed. */
export class FakeStream implements MediaStream {
  readonly local: MediaStream['local'];
  readonly crypto: MediaStream['crypto'];
  readonly applied: StreamAgreement[] = [];
  closed = 0;

  constructor(local: MediaStream['local'], crypto: MediaStream['crypto']) {
    this.local = local;
    this.crypto = crypto;
  }

  get agreement(): StreamAgreement | undefined {
    return this.applied.at(-1);
  }

  apply(agreement: StreamAgreement): void {
    this.applied.push(agreement);
  }

  close(): void {
    this.closed += 1;
  }
}

/** An engine whose ports count up and whose keys are told apart by their first letters. */
export class FakeEngine implements MediaEngine {
  readonly capabilities: readonly MediaCapability[];
  readonly streams: FakeStream[] = [];
  readonly address: string;
  /** Set to have no port left. */
  exhausted = false;
  #nextPort: number;

  constructor(address = '192.0.2.1', capabilities: readonly MediaCapability[] = [audio()], firstPort = 10_000) {
    this.address = address;
    this.capabilities = capabilities;
    this.#nextPort = firstPort;
  }

  get standing(): FakeStream[] {
    return this.streams.filter(({ closed }) => closed === 0);
  }

  open(kind: MediaCapability['kind']): Promise<MediaStream> {
    if (this.exhausted) return Promise.reject(new Error('no port is left'));
    const port = this.#nextPort;
    this.#nextPort += 2;
    const capability = this.capabilities.find((each) => each.kind === kind);
    const suites = capability?.security === 'none' ? [] : (capability?.cryptoSuites ?? []);
    const stream = new FakeStream(
      { address: this.address, port, controlPort: port + 1 },
      suites.map((suite, index) => ({ tag: index + 1, suite, key: keyOf(`${port}/${index}/`) })),
    );
    this.streams.push(stream);
    return Promise.resolve(stream);
  }
}

/** Thirty octets in base64 that begin with the letters. */
function keyOf(letters: string): string {
  return letters.padEnd(40, 'A');
}
