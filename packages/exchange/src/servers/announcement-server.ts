import type { IncomingInvite, SipUri } from '@switchhook/sip';
import { announcementNameIn } from './announcement-names.ts';
import { playTo } from './played-call.ts';
import type { Recordings } from './recordings.ts';
import { ServerAgent } from './server-agent.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';

/** Plays what the address names, then hangs up (RFC 5359 2.13, RFC 4240 3). Anybody may call it. */
export class AnnouncementServer implements Server {
  readonly kind = 'announcement';
  readonly address: SipUri;
  readonly #parts: ServerParts;
  readonly #recordings: Recordings;
  readonly #agent: ServerAgent;

  constructor(parts: ServerParts, recordings: Recordings) {
    this.address = parts.address;
    this.#parts = parts;
    this.#recordings = recordings;
    this.#agent = new ServerAgent(parts, {
      called: (invite) => {
        this.#answer(invite);
      },
    });
  }

  isOurUser(user: string): boolean {
    return user === this.address.user;
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  stats(): ServerStats {
    return this.#agent.stats();
  }

  #answer(invite: IncomingInvite): void {
    const name = announcementNameIn(invite.request.requestUri);
    const recording = name === undefined ? undefined : this.#recordings.find(name);
    if (recording === undefined) invite.reject(404, { reason: 'No Such Announcement' });
    else if (!this.#agent.turnsAway(invite)) playTo(invite, this.#parts.context.clock, () => [recording]);
  }
}
