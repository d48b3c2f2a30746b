import { InviteSessions } from '@switchhook/sip';
import type { IncomingInvite, SipUri, UserAgent } from '@switchhook/sip';
import { announcementNameIn } from './announcement-names.ts';
import { RecordingSource } from './recording.ts';
import type { Recording } from './recording.ts';
import type { Recordings } from './recordings.ts';
import { serverAgent } from './server.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';
import { PlayedNegotiation } from './server-sound.ts';

/** Milliseconds that somebody may listen, who holds the announcement perhaps instead. */
const longestCall = 600_000;
/** Milliseconds after the last sample was read: it is on its way, and in the listener's jitter buffer. */
const afterwards = 300;
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
    } else this.#play(invite, recording);
  }

  #play(invite: IncomingInvite, recording: Recording): void {
    const { session } = invite;
    const { clock } = this.#parts.context;
    const { media } = session;
    const hangUp = (): void => void session.hangUp();
    let timer = clock.after(longestCall, hangUp);
    session.listen((event) => {
      if (event.kind === 'ended') timer.cancel();
      if (event.kind !== 'confirmed' || !(media instanceof PlayedNegotiation)) return;
      media.session.source = new RecordingSource(recording, () => {
        timer.cancel();
        timer = clock.after(afterwards, hangUp);
      });
    });
    void invite.accept();
  }
}
