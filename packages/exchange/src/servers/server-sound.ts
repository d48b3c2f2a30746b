import { AudioEngine } from '@switchhook/media';
import type { AudioCodec, AudioEngineStats, AudioSession } from '@switchhook/media';
import { canonicalHost, parseSessionDescription, StreamNegotiation, SyntaxFault } from '@switchhook/sip';
import type { MediaRefusal, MediaSecurity, SipContext } from '@switchhook/sip';
import type { ServerMedia } from './server.ts';

/** The media of one call of a server, that plays and hears nothing: it holds from the start (RFC 4235 5.2). */
export class PlayedNegotiation extends StreamNegotiation {
  readonly session: AudioSession;

  readonly #context: SipContext;
  /** Where the call of a stranger came from. */
  #source: string | undefined = undefined;
  readonly #isKnown = (address: string): boolean => address === this.#source;

  constructor(context: SipContext, session: AudioSession, parent?: PlayedNegotiation) {
    super(context, session, parent);
    this.#context = context;
    this.session = session;
    this.localHold = 'sendonly';
  }

  /**
   * For a stranger, who may name anybody's address in his description: sound goes to the address that his call came from. Any
   * other one has to be heard from first, and is asked to send.
   */
  hearFirst(source: string): void {
    this.#source = canonicalHost(source);
    this.session.trusts = this.#isKnown;
  }

  override createOffer(refresh?: boolean): Promise<string> {
    if (this.#source !== undefined) this.localHold = 'none';
    return super.createOffer(refresh);
  }

  override createAnswer(offer: string, said?: string): Promise<string | MediaRefusal> {
    if (this.#source !== undefined) this.localHold = isFrom(this.#source, offer) ? 'sendonly' : 'none';
    return super.createAnswer(offer, said);
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

/** Whether all that is offered is at one address. */
function isFrom(source: string, offer: string): boolean {
  const description = parseSessionDescription(offer);
  if (description instanceof SyntaxFault) return false;
  return description.media.every(({ address }) => canonicalHost(address) === source);
}
