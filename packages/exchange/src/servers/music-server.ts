import { InviteSessions, Referrals } from '@switchhook/sip';
import type { IncomingInvite, IncomingReferral, InviteSession, SipUri, UserAgent } from '@switchhook/sip';
import type { MusicLibrary } from './music-library.ts';
import { neverHangUp, serverAgent } from './server.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';
import { PlayedNegotiation } from './server-sound.ts';
import { refusalOf, subscriberOf, takeOver } from './takeover.ts';

/** Seconds until somebody who was turned away for want of room may ask again. */
const retryAfter = 10;

/**
 * Plays to who is held (RFC 5359 2.3): asked by REFER, it replaces the holder; asked by INVITE, it sends to whomever the
 * offer names, whose holder stays (RFC 7088). It never hangs up. It serves the subscribers of its domain.
 */
export class MusicServer implements Server {
  readonly kind = 'music';
  readonly address: SipUri;
  readonly #parts: ServerParts;
  readonly #library: MusicLibrary;
  readonly #agent: UserAgent;
  readonly #sessions: InviteSessions;
  readonly #referrals: Referrals;

  constructor(parts: ServerParts, library: MusicLibrary) {
    this.address = parts.address;
    this.#parts = parts;
    this.#library = library;
    this.#agent = serverAgent(parts);
    this.#sessions = new InviteSessions(this.#agent, {
      media: (secure) => parts.sound.open(secure),
      incoming: (invite) => {
        this.#answer(invite);
      },
    });
    this.#referrals = new Referrals(
      this.#agent,
      {
        referred: (referral) => {
          void this.#follow(referral);
        },
      },
      { maximumReferrals: parts.maximumCalls },
    );
    this.#agent.install(this.#sessions);
    this.#agent.install(this.#referrals);
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
    const { sessions, outgoing, incoming } = this.#sessions.stats();
    const { requests, serverTransactions, clientTransactions } = this.#agent.stats();
    const { incoming: referrals, subscriptions } = this.#referrals.stats();
    return {
      sessions,
      others: outgoing + incoming + referrals + subscriptions + requests + serverTransactions + clientTransactions,
    };
  }

  get #isFull(): boolean {
    return this.#sessions.stats().sessions >= this.#parts.maximumCalls;
  }

  async #follow(referral: IncomingReferral): Promise<void> {
    const by = subscriberOf(referral.caller, this.address.host);
    if (by === undefined) {
      referral.reject(403);
      return;
    }
    const refusal = refusalOf(referral, by);
    if (refusal !== undefined) referral.reject(refusal.status, refusal);
    else if (this.#isFull) referral.reject(480, { headers: [['Retry-After', String(retryAfter)]] });
    else {
      const taken = await takeOver(referral, { sessions: this.#sessions, sound: this.#parts.sound, by });
      if (taken !== undefined) this.#play(taken.session, by.user);
    }
  }

  #answer(invite: IncomingInvite): void {
    const by = subscriberOf(invite.caller, this.address.host);
    if (by === undefined) invite.reject(403);
    else if (this.#sessions.stats().sessions > this.#parts.maximumCalls) {
      invite.reject(480, { headers: [['Retry-After', String(retryAfter)]] });
    } else {
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
