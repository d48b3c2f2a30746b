import type { Timer } from '../context.ts';
import type { OutgoingRequest, RequestFailure } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { responseEffect } from '../dialog/response-effect.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipResponse } from '../message/message.ts';
import { retryDelay } from './glare.ts';
import { Reinvite } from './reinvite.ts';
import type { ReinviteOutcome } from './reinvite.ts';
import type { ModificationOutcome, SessionEnd, SessionEnvironment } from './session-contract.ts';
import { readableDescriptionOf, sessionDescriptionType } from './session-description-body.ts';
import type { SessionState } from './session-machine.ts';
import type { SessionTimer } from './session-timer.ts';

const silence: RequestFailure = { code: 'timeout', status: 408, message: 'no final response to the re-INVITE' };

/** What an offer needs of its session. */
interface OfferingSession {
  readonly dialog: Dialog;
  readonly role: 'caller' | 'callee';
  readonly timer: SessionTimer;
  readonly state: SessionState;
}

/** What comes of a re-INVITE or UPDATE of this side. */
export type OwnOfferResult =
  | { readonly kind: 'success'; readonly response: SipResponse; readonly answer: string | undefined }
  | {
      readonly kind: 'refused';
      readonly outcome: ModificationOutcome;
      /** Milliseconds after which it may go once more. */
      readonly wait: number | undefined;
      /** Whether the session is over by it, and how. */
      readonly isFatal: boolean;
      readonly end: SessionEnd;
    };

/**
 * An offer of this side: in an UPDATE while the session is early, else in a re-INVITE, which leaves the far end the time to ask
 * its person (RFC 3311 5.1) and is cancelled when no final response comes in time.
 */
export class OwnOffer {
  readonly #environment: SessionEnvironment;
  readonly #session: OfferingSession;
  readonly #done: (result: OwnOfferResult) => void;
  #limit: Timer | undefined = undefined;
  /** The re-INVITE, until its final response. */
  #outgoing: OutgoingRequest | undefined = undefined;
  /** The far end was silent for too long. */
  #isLate = false;
  #answer: string | undefined = undefined;
  #reinvite: Reinvite | undefined = undefined;

  constructor(environment: SessionEnvironment, session: OfferingSession, done: (result: OwnOfferResult) => void) {
    this.#environment = environment;
    this.#session = session;
    this.#done = done;
  }

  /** Undefined asks the far end for an offer, which then is the `answer` of the result; it goes in a re-INVITE. */
  send(description: string | undefined): void {
    const { core, options } = this.#environment;
    const { dialog, timer, state } = this.#session;
    const body = description === undefined ? {} : { body: description, contentType: sessionDescriptionType };
    const own = core.capabilityHeaders(['Allow', 'Supported']);
    const headers = description === undefined ? own.map(withoutReliability) : own;
    if (state === 'early') {
      const outcome = this.#outcome;
      const response = (each: SipResponse): void => {
        if (each.status >= 300) outcome.refused(each);
        else if (each.status >= 200) outcome.success(each);
      };
      const failed = (failure: RequestFailure): void => {
        outcome.failed(failure);
      };
      dialog.send('UPDATE', { response, failed }, { headers, ...body });
      return;
    }
    this.#reinvite = new Reinvite(dialog, this.#outcome);
    const outgoing = this.#reinvite.send({ headers: [...headers, ...timer.requestHeaders()], ...body });
    this.#outgoing = outgoing;
    this.#limit = core.context.clock.after(options.modificationTime, () => {
      this.#isLate = true;
      outgoing.cancel();
    });
  }

  /** The answer to an offer that was asked for, or that there is none. */
  answer(description?: string): void {
    this.#reinvite?.acknowledge(
      description === undefined ? undefined : { body: description, contentType: sessionDescriptionType },
    );
  }

  get #outcome(): ReinviteOutcome {
    return {
      provisional: (response) => {
        this.#answer ??= readableDescriptionOf(response);
      },
      success: (response) => {
        this.#stop();
        this.#done({ kind: 'success', response, answer: readableDescriptionOf(response) ?? this.#answer });
      },
      refused: (response) => {
        this.#refused(response);
      },
      failed: (failure) => {
        this.#stop();
        const isFatal = failure.status === 408;
        const outcome = { kind: 'failed', failure } as const;
        this.#done({ kind: 'refused', outcome, wait: undefined, isFatal, end: { kind: 'lost', failure } });
      },
    };
  }

  /** The session is over. A re-INVITE that has had a provisional response alone would be waited for without an end. */
  abandon(): void {
    const outgoing = this.#outgoing;
    this.#stop();
    outgoing?.cancel();
  }

  /** Nothing more comes of it. */
  #stop(): void {
    this.#limit?.cancel();
    this.#outgoing = undefined;
  }

  #refused(response: SipResponse): void {
    const { role, timer } = this.#session;
    const { status } = response;
    this.#stop();
    const { random } = this.#environment.core.context;
    this.#done({
      kind: 'refused',
      outcome: this.#isLate ? { kind: 'failed', failure: silence } : { kind: 'refused', response },
      wait: status === 422 && timer.tooSmall(response) ? 0 : retryDelay(response, role, random),
      // A 405 or 501 speaks of re-INVITE or UPDATE, without which a call can be.
      isFatal: status !== 405 && status !== 501 && responseEffect(status) !== 'transaction',
      end: { kind: 'lost', response },
    });
  }
}

/** Who is asked for an offer is not to make it in a reliable provisional response, whose PRACK would have to answer it (RFC 3262 5). */
function withoutReliability(header: HeaderInit): HeaderInit {
  const [name, value] = header;
  if (name !== 'Supported') return header;
  const tags = String(value).split(', ');
  return [name, tags.filter((tag) => tag !== '100rel').join(', ')];
}
