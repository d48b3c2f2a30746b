import { IncomingInvite, InviteSessions, NameAddr, Parameters, Referrals, UserAgent } from '@switchhook/sip';
import type { IncomingReferral } from '@switchhook/sip';
import type { ServerParts, ServerStats } from './server.ts';

/** What every server says in its Contact: it is a machine (RFC 3840). */
const automaton = Parameters.of({ automata: true });
/** Seconds until somebody who was turned away for want of room may ask again. */
const retryAfter = 5;

/** What a server does with what comes to it. */
export interface ServerDuties {
  called(invite: IncomingInvite): void;
  /** Without it there is no REFER. */
  referred?(referral: IncomingReferral): void;
  /** Whether it is reached at a user other than that of its address, too. */
  readonly isOurUser?: (user: string) => boolean;
}

/**
 * The user agent of a server, with its calls and referrals: it is reached at its address of record by way of the exchange, and
 * says what it is in its Contact.
 */
export class ServerAgent {
  readonly core: UserAgent;
  readonly sessions: InviteSessions;
  readonly referrals: Referrals;
  readonly #maximumCalls: number;

  constructor(parts: ServerParts, duties: ServerDuties) {
    const { context, address, transports, resolver, trusts, sound, maximumCalls } = parts;
    this.#maximumCalls = maximumCalls;
    this.core = new UserAgent(context, {
      address: NameAddr.of({ uri: address }),
      contact: address,
      features: automaton,
      transports,
      resolver,
      trusts,
      isOurUser: duties.isOurUser,
      // A call that comes of a REFER has two dialogs.
      limits: { dialogs: 4 * maximumCalls, requests: 4 * maximumCalls, serverTransactions: 8 * maximumCalls },
    });
    this.sessions = new InviteSessions(this.core, {
      media: (secure) => sound.open(secure),
      incoming: (invite) => {
        duties.called(invite);
      },
    });
    const referred = (referral: IncomingReferral): void => duties.referred?.(referral);
    this.referrals = new Referrals(this.core, { referred }, { maximumReferrals: maximumCalls });
    this.core.install(this.sessions);
    if (duties.referred !== undefined) this.core.install(this.referrals);
  }

  /**
   * Refuses what there is no room for any more, and says whether it has. Half of the room is for subscribers, so that strangers
   * alone do not take all of it.
   */
  turnsAway(asked: IncomingInvite | IncomingReferral): boolean {
    const { sessions, outgoing } = this.sessions.stats();
    // A call that came counts itself already.
    const others = asked instanceof IncomingInvite ? sessions - 1 : sessions;
    const room = asked.caller.asserted ? this.#maximumCalls : Math.ceil(this.#maximumCalls / 2);
    if (others + outgoing < room) return false;
    asked.reject(480, { headers: [['Retry-After', String(retryAfter)]] });
    return true;
  }

  start(): Promise<void> {
    return this.core.start();
  }

  stop(): Promise<void> {
    return this.core.stop();
  }

  stats(): ServerStats {
    const { sessions, outgoing, incoming } = this.sessions.stats();
    const { requests, serverTransactions, clientTransactions } = this.core.stats();
    const { incoming: referred, outgoing: referring, subscriptions } = this.referrals.stats();
    const referrals = referred + referring + subscriptions;
    return {
      sessions,
      others: outgoing + incoming + referrals + requests + serverTransactions + clientTransactions,
    };
  }
}
