import { AudioEngine, pcmu } from '@switchhook/media';
import type { DatagramNetwork } from '@switchhook/media';
import type { MediaCapability, MediaEngine, MediaStream, SipContext } from '@switchhook/sip';

/** What it is called, so that nobody takes it for a picture that he knows. */
const encoding = 'X-TEST-PICTURE';

/**
 * A second stream for calls, as video is one: real RTP or SRTP on ports of its own, negotiated, held and resumed like any. What
 * is in its packets means nothing.
 */
export class Picture {
  readonly #engine: AudioEngine;

  constructor(context: SipContext, options: { readonly address: string; readonly network: DatagramNetwork }) {
    this.#engine = new AudioEngine(context, { ...options, codecs: [{ ...pcmu, encoding, payloadType: undefined }] });
  }

  /** The engine of one call. */
  session(secure: boolean): MediaEngine {
    const session = this.#engine.session(secure ? 'required' : 'none');
    return {
      capabilities: session.capabilities.map(asVideo),
      open: (_: MediaCapability['kind'], remote?: string): Promise<MediaStream> => session.open('audio', remote),
    };
  }

  stop(): void {
    this.#engine.stop();
  }

  get streams(): number {
    return this.#engine.stats().streams;
  }
}

function asVideo(capability: MediaCapability): MediaCapability {
  return { ...capability, kind: 'video', formats: capability.formats.filter((each) => each.encoding === encoding) };
}
