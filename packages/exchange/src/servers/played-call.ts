import { InviteSessions } from '@switchhook/sip';
import type { Clock, IncomingInvite, UserAgent } from '@switchhook/sip';
import { RecordingSource } from './recording.ts';
import type { Recording } from './recording.ts';
import { serverAgent } from './server.ts';
import type { ServerParts, ServerStats } from './server.ts';
import { PlayedNegotiation } from './server-sound.ts';

/** Milliseconds that somebody may listen, who holds what plays perhaps instead. */
const longestCall = 600_000;
/** Milliseconds after the last sample was read: it is on its way, and in the listener's jitter buffer. */
const afterwards = 300;
/** Seconds until somebody who was turned away for want of room may call again. */
const retryAfter = 5;

/** The calls of a server that plays something to whoever calls, and hangs up. */
export class PlayedCalls {
  readonly #parts: ServerParts;
  readonly #agent: UserAgent;
  readonly #sessions: InviteSessions;

  /** `answer` decides on a call: {@link play}, or a refusal. */
  constructor(parts: ServerParts, answer: (invite: IncomingInvite) => void, isOurUser?: (user: string) => boolean) {
    this.#parts = parts;
    this.#agent = serverAgent(parts, isOurUser);
    this.#sessions = new InviteSessions(this.#agent, {
      media: (secure) => parts.sound.open(secure),
      incoming: answer,
    });
    this.#agent.install(this.#sessions);
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  stats(): ServerStats {
    const { sessions, outgoing, incoming } = this.#sessions.stats();
    const { requests, serverTransactions, clientTransactions } = this.#agent.stats();
    return { sessions, others: outgoing + incoming + requests + serverTransactions + clientTransactions };
  }

  /** Plays what `choose` says once the caller is there to hear it; 480 where there is no room. */
  play(invite: IncomingInvite, choose: () => readonly Recording[]): void {
    if (this.#sessions.stats().sessions > this.#parts.maximumCalls) {
      invite.reject(480, { headers: [['Retry-After', String(retryAfter)]] });
    } else playTo(invite, this.#parts.context.clock, choose);
  }
}

/**
 * Answers a call, plays recordings one behind the other from their first word to their last, and hangs up. What plays is
 * chosen when the caller is there to hear it.
 */
function playTo(invite: IncomingInvite, clock: Clock, choose: () => readonly Recording[]): void {
  const { session } = invite;
  const { media } = session;
  const hangUp = (): void => void session.hangUp();
  let timer = clock.after(longestCall, hangUp);
  const play = ([recording, ...others]: readonly Recording[]): void => {
    if (session.end !== undefined || !(media instanceof PlayedNegotiation)) return;
    if (recording === undefined) {
      timer.cancel();
      timer = clock.after(afterwards, hangUp);
    } else {
      media.session.source = new RecordingSource(recording, () => {
        play(others);
      });
    }
  };
  session.listen((event) => {
    if (event.kind === 'ended') timer.cancel();
    if (event.kind === 'confirmed') play(choose());
  });
  void invite.accept();
}
