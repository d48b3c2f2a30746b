import { InviteSessions, StreamNegotiation, UserAgent } from '@switchhook/sip';
import type {
  IncomingInvite,
  InviteSession,
  MediaEngine,
  Resolver,
  SipContext,
  SipUri,
  Transport,
} from '@switchhook/sip';

/** What a telephone stands on. */
export interface TelephoneParts {
  readonly context: SipContext;
  readonly transport: Transport;
  readonly resolver: Resolver;
  readonly engine: MediaEngine;
  readonly address: string;
}

/** A telephone for one call at a time, which answers by itself. */
export class Telephone {
  readonly #agent: UserAgent;
  readonly #sessions: InviteSessions;
  readonly #show: (line: string) => void;
  #session: InviteSession | undefined = undefined;

  constructor({ context, transport, resolver, engine, address }: TelephoneParts, show: (line: string) => void) {
    this.#show = show;
    this.#agent = new UserAgent(context, { address, transports: [transport], resolver });
    this.#sessions = new InviteSessions(this.#agent, {
      media: () => new StreamNegotiation(context, engine),
      incoming: (invite) => void this.#answer(invite),
    });
    this.#agent.install(this.#sessions);
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  /** Calls somebody. What came of it, in a word. */
  async call(target: SipUri): Promise<string> {
    const outcome = await this.#sessions.invite({ target }).outcome;
    if (outcome.kind === 'answered') this.#begin(outcome.session);
    return outcome.kind === 'refused' ? outcome.cause : outcome.kind;
  }

  /** Holds the call; false where the far end does not want that, and talks on. */
  async hold(): Promise<boolean> {
    const outcome = await this.#session?.hold();
    return outcome?.kind === 'done';
  }

  async resume(): Promise<boolean> {
    const outcome = await this.#session?.resume();
    return outcome?.kind === 'done';
  }

  async hangUp(): Promise<void> {
    await this.#session?.hangUp();
  }

  async stop(): Promise<void> {
    await this.hangUp();
    await this.#agent.stop();
  }

  async #answer(invite: IncomingInvite): Promise<void> {
    if (this.#session !== undefined) {
      invite.reject(486);
      return;
    }
    invite.ring();
    const accepted = await invite.accept();
    if (accepted.kind === 'answered') this.#begin(accepted.session);
  }

  #begin(session: InviteSession): void {
    this.#session = session;
    this.#show('talking');
    session.listen((event) => {
      if (event.kind === 'media') this.#show(event.remoteHold ? 'held by the other' : 'talking');
      if (event.kind !== 'ended') return;
      this.#session = undefined;
      this.#show(`over: ${event.end.kind}`);
    });
  }
}
