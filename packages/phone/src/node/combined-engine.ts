import type { MediaCapability, MediaEngine, MediaStream } from '@switchhook/sip';

/** Engines for different kinds of media as one: the streams of a call, in their order (RFC 3264 5). */
export class CombinedEngine implements MediaEngine {
  readonly capabilities: readonly MediaCapability[];
  readonly #engines: readonly MediaEngine[];

  constructor(engines: readonly MediaEngine[]) {
    this.#engines = engines;
    this.capabilities = engines.flatMap(({ capabilities }) => capabilities);
  }

  open(kind: MediaCapability['kind'], remote?: string): Promise<MediaStream> {
    const engine = this.#engines.find(({ capabilities }) => capabilities.some((each) => each.kind === kind));
    return engine?.open(kind, remote) ?? Promise.reject(new Error(`there is no ${kind} here`));
  }
}
