import type { RequestFailure, UserAgentCore } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { responseEffect } from '../dialog/response-effect.ts';
import type { SipMessage, SipResponse } from '../message/message.ts';
import { retryDelay } from './glare.ts';
import type { ModificationOutcome, SessionEnd } from './session-contract.ts';
import type { SessionTimer } from './session-timer.ts';
import type { Change } from './wishes.ts';

/** Milliseconds until a refresh that was refused is tried again. */
const refreshRetry = 10_000;

/** What a refresh needs of its session. */
interface RefreshedSession {
  readonly dialog: Dialog;
  readonly role: 'caller' | 'callee';
  readonly timer: SessionTimer;
  readonly end: SessionEnd | undefined;
  readonly modifications: { wish(change: Change): Promise<ModificationOutcome> };
  answered(response: SipResponse): void;
  fail(end: SessionEnd): void;
}

/**
 * Asks the far end whether a session stands, and changes nothing in it: by an UPDATE that says nothing of media where the
 * far end knows UPDATE (RFC 4028 7.4), else by a re-INVITE that says what was said last. Both belong to the session as
 * OPTIONS does not, so that what is said of it ends it (RFC 5057 5.1, 5.3).
 */
export class SessionRefresh {
  readonly #core: UserAgentCore;
  readonly #session: RefreshedSession;
  #knowsUpdate = false;

  constructor(core: UserAgentCore, session: RefreshedSession) {
    this.#core = core;
    this.#session = session;
  }

  /** Whether the far end says that it takes UPDATE. */
  get knowsUpdate(): boolean {
    return this.#knowsUpdate;
  }

  /** Takes what a message tells of the far end. */
  learn(message: SipMessage): void {
    if (message.has('Allow'))
      this.#knowsUpdate = message.rawAll('Allow').some((each) => each.toUpperCase() === 'UPDATE');
  }

  /** In its time (RFC 4028 7.4), and once more where it was refused. */
  async refreshInTime(): Promise<void> {
    const outcome = await this.refresh();
    if (outcome.kind === 'done' || outcome.kind === 'ended') return;
    const { role, timer } = this.#session;
    const { random } = this.#core.context;
    const wait = outcome.kind === 'refused' ? retryDelay(outcome.response, role, random) : undefined;
    timer.retryIn(wait ?? refreshRetry);
  }

  /** Resolves with what came of it. A session that is not there any more has ended by then. */
  refresh(): Promise<ModificationOutcome> {
    if (!this.#knowsUpdate) return this.#session.modifications.wish({ refresh: true });
    const { dialog, timer } = this.#session;
    const headers = [...this.#core.capabilityHeaders(['Allow', 'Supported']), ...timer.requestHeaders()];
    return new Promise((resolve) => {
      const response = (each: SipResponse): void => {
        if (each.status >= 200) resolve(this.#answered(each));
      };
      const failed = (failure: RequestFailure): void => {
        resolve({ kind: 'failed', failure });
        if (failure.status === 408) this.#session.fail({ kind: 'lost', failure });
      };
      dialog.send('UPDATE', { response, failed }, { headers });
    });
  }

  #answered(response: SipResponse): ModificationOutcome | Promise<ModificationOutcome> {
    const { status } = response;
    const { end, timer } = this.#session;
    if (end !== undefined) return { kind: 'ended', end };
    if (status < 300) {
      this.#session.answered(response);
      return { kind: 'done' };
    }
    if (status === 405 || status === 501) {
      this.#knowsUpdate = false;
      return this.refresh();
    }
    if (responseEffect(status) !== 'transaction') this.#session.fail({ kind: 'lost', response });
    else if (status === 422 && timer.tooSmall(response)) return this.refresh();
    return { kind: 'refused', response };
  }
}
