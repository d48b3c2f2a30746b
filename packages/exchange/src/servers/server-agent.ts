import {
  IncomingInvite,
  InviteSessions,
  NameAddr,
  Parameters,
  Referrals,
  SyntaxFault,
  UserAgent,
  Via,
} from '@switchhook/sip';
import type { IncomingReferral, ServerTransaction, SipRequest } from '@switchhook/sip';
import type { ServerParts, ServerStats } from './server.ts';
import type { PlayedNegotiation, ServerSound } from './server-sound.ts';

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
  /** Subscriptions to it at a time, beside its calls; none without it. */
  readonly maximumWatchers?: number;
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
    const { maximumWatchers = 0 } = duties;
    this.#maximumCalls = maximumCalls;
    this.core = new UserAgent(context, {
      address: NameAddr.of({ uri: address }),
      contact: address,
      features: automaton,
      transports,
      resolver,
      trusts,
      isOurUser: duties.isOurUser,
      // A call that comes of a REFER has two dialogs. All watchers may be told at once, and ask at once.
      limits: {
        dialogs: 4 * maximumCalls + maximumWatchers,
        requests: 4 * maximumCalls + maximumWatchers,
        serverTransactions: 8 * maximumCalls + maximumWatchers,
      },
    });
    this.sessions = new InviteSessions(this.core, {
      media: (secure, called) => this.#media(sound, secure, called),
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

  /** Sound for a call, for strangers with what keeps it from those who have nothing to do with it. */
  #media(sound: ServerSound, secure: boolean, called?: ServerTransaction): PlayedNegotiation {
    const media = sound.open(secure);
    if (called !== undefined && !this.core.callerOf(called.request, called.flow).asserted)
      media.hearFirst(sourceOf(called.request));
    return media;
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

/** Where a call came to the exchange from, as that has said in the Via below its own (RFC 3261 18.2.1); empty for nowhere. */
function sourceOf(request: SipRequest): string {
  const vias = request.all(Via);
  const via = vias instanceof SyntaxFault ? undefined : vias[1];
  return via?.received ?? via?.host ?? '';
}
