import { InviteSessions } from '@switchhook/sip';
import type { IncomingInvite, SipUri, UserAgent } from '@switchhook/sip';
import { announcementNameIn } from './announcement-names.ts';
import { playTo } from './played-call.ts';
import type { Recordings } from './recordings.ts';
import { serverAgent } from './server.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';

/** Seconds until somebody who was turned away for want of room may call again. */
const retryAfter = 5;

/** Plays what the address names, then hangs up (RFC 5359 2.13, RFC 4240 3). Anybody may call it. */
export class AnnouncementServer implements Server {
  readonly kind = 'announcement';
  readonly address: SipUri;
  readonly #parts: ServerParts;
  readonly #recordings: Recordings;
  readonly #agent: UserAgent;
  readonly #sessions: InviteSessions;

  constructor(parts: ServerParts, recordings: Recordings) {
    this.address = parts.address;
    this.#parts = parts;
    this.#recordings = recordings;
    this.#agent = serverAgent(parts);
    this.#sessions = new InviteSessions(this.#agent, {
      media: (secure) => parts.sound.open(secure),
      incoming: (invite) => {
        this.#answer(invite);
      },
    });
    this.#agent.install(this.#sessions);
  }

  isOurUser(user: string): boolean {
    return user === this.address.user;
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
  }

  stats(): ServerStats {
    const { sessions, outgoing, incoming } = this.#sessions.stats();
    const { requests, serverTransactions, clientTransactions } = this.#agent.stats();
    return { sessions, others: outgoing + incoming + requests + serverTransactions + clientTransactions };
  }

  #answer(invite: IncomingInvite): void {
    const name = announcementNameIn(invite.request.requestUri);
    const recording = name === undefined ? undefined : this.#recordings.find(name);
    if (recording === undefined) invite.reject(404, { reason: 'No Such Announcement' });
    else if (this.#sessions.stats().sessions > this.#parts.maximumCalls) {
      invite.reject(480, { headers: [['Retry-After', String(retryAfter)]] });
    } else playTo(invite, this.#parts.context.clock, () => [recording]);
  }
}
