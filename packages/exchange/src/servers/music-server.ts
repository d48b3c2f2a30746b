import type { IncomingInvite, IncomingReferral, InviteSession, SipUri } from '@switchhook/sip';
import type { MusicLibrary } from './music-library.ts';
import { neverHangUp } from './server.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';
import { ServerAgent } from './server-agent.ts';
import { PlayedNegotiation } from './server-sound.ts';
import { refusalOf, subscriberOf, takeOver } from './takeover.ts';

/**
 * Plays to who is held (RFC 5359 2.3): asked by REFER, it replaces the holder; asked by INVITE, it sends to whomever the
 * offer names, whose holder stays (RFC 7088). It never hangs up. It serves the subscribers of its domain.
 */
export class MusicServer implements Server {
  readonly kind = 'music';
  readonly address: SipUri;
  readonly #parts: ServerParts;
  readonly #library: MusicLibrary;
  readonly #agent: ServerAgent;

  constructor(parts: ServerParts, library: MusicLibrary) {
    this.address = parts.address;
    this.#parts = parts;
    this.#library = library;
    this.#agent = new ServerAgent(parts, {
      called: (invite) => {
        this.#answer(invite);
      },
      referred: (referral) => {
        void this.#follow(referral);
      },
    });
  }

  isOurUser(user: string): boolean {
    return user === this.address.user;
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  /** Those who are held hear nothing any more, and are held. */
  stop(): Promise<void> {
    return this.#agent.stop();
  }

  stats(): ServerStats {
    return this.#agent.stats();
  }

  async #follow(referral: IncomingReferral): Promise<void> {
    const by = subscriberOf(referral.caller, this.address.host);
    if (by === undefined) {
      referral.reject(403);
      return;
    }
    const refusal = refusalOf(referral, by);
    if (refusal !== undefined) referral.reject(refusal.status, refusal);
    else if (!this.#agent.turnsAway(referral)) {
      const taken = await takeOver(referral, { sessions: this.#agent.sessions, sound: this.#parts.sound, by });
      if (taken !== undefined) this.#play(taken.session, by.user);
    }
  }

  #answer(invite: IncomingInvite): void {
    const by = subscriberOf(invite.caller, this.address.host);
    if (by === undefined) invite.reject(403);
    else if (!this.#agent.turnsAway(invite)) {
      const { session } = invite;
      neverHangUp(session);
      session.listen((event) => {
        if (event.kind === 'confirmed') this.#play(session, by.user);
      });
      void invite.accept();
    }
  }

  #play(session: InviteSession, user: string): void {
    const { media } = session;
    if (session.end !== undefined || !(media instanceof PlayedNegotiation)) return;
    const silence = this.#library.playTo(media, user, this.address.host);
    session.listen((event) => {
      if (event.kind === 'ended') silence();
    });
  }
}
