import { AudioEngine } from '@switchhook/media';
import type { AudioCodec, AudioEngineStats, AudioSession } from '@switchhook/media';
import { StreamNegotiation } from '@switchhook/sip';
import type { MediaSecurity, SipContext } from '@switchhook/sip';
import type { ServerMedia } from './server.ts';

/** The media of one call of a server, that plays and hears nothing: it holds from the start (RFC 4235 5.2). */
export class PlayedNegotiation extends StreamNegotiation {
  readonly session: AudioSession;

  readonly #context: SipContext;

  constructor(context: SipContext, session: AudioSession, parent?: PlayedNegotiation) {
    super(context, session, parent);
    this.#context = context;
    this.session = session;
    this.localHold = 'sendonly';
  }

  override fork(): PlayedNegotiation {
    return new PlayedNegotiation(this.#context, this.session, this);
  }
}

/** Sound of all servers of an exchange, over one engine. */
export class ServerSound {
  readonly #context: SipContext;
  readonly #engine: AudioEngine;

  constructor(context: SipContext, codecs: readonly AudioCodec[], media: ServerMedia) {
    this.#context = context;
    this.#engine = new AudioEngine(context, { ...media, codecs, sendsSilence: false });
  }

  /** By a sips URI nothing goes in clear; else SRTP is for who has it. */
  open(secure: boolean): PlayedNegotiation {
    const security: MediaSecurity = secure ? 'required' : 'optional';
    return new PlayedNegotiation(this.#context, this.#engine.session(security));
  }

  stop(): void {
    this.#engine.stop();
  }

  stats(): AudioEngineStats {
    return this.#engine.stats();
  }
}
