import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { busyWait } from './glare.ts';
import type { MediaRefusal } from './media.ts';
import { warningOf } from './media-warning.ts';
import type { ModifiedSession } from './modified-session.ts';
import { showRendering } from './rendering.ts';
import type { SessionEnvironment } from './session-contract.ts';
import { sessionDescriptionOf, sessionDescriptionType } from './session-description-body.ts';

/** Why an offer is not taken: offers cross, another one is being answered, it was cancelled, or the media do not go together. */
export type OfferRefusal = 'glare' | 'busy' | 'cancelled' | MediaRefusal;

/** An INVITE or UPDATE of the far end within the dialog that makes an offer, or asks for one; it is answered once. */
export class IncomingOffer {
  readonly #environment: SessionEnvironment;
  readonly #session: ModifiedSession;
  readonly transaction: ServerTransaction;
  /** Undefined where the far end wants an offer. */
  readonly description: string | undefined;

  constructor(
    environment: SessionEnvironment,
    session: ModifiedSession,
    transaction: ServerTransaction,
    description: string | undefined,
  ) {
    this.#environment = environment;
    this.#session = session;
    this.transaction = transaction;
    this.description = description;
  }

  /** 200, with the answer, or with the offer that was asked for. */
  accept(description: string): SipResponse {
    const { dialog, media } = this.#session;
    const { request } = this.transaction;
    this.#session.learn(request);
    showRendering(dialog, media.localHold);
    const headers = successHeaders(this.#environment, this.#session, request);
    return dialog.respond(this.transaction, 200, { headers, body: description, contentType: sessionDescriptionType });
  }

  refuse(why: OfferRefusal): void {
    const { dialog } = this.#session;
    const { core } = this.#environment;
    switch (why) {
      case 'glare':
        dialog.respond(this.transaction, 491);
        break;
      case 'cancelled':
        dialog.respond(this.transaction, 487);
        break;
      case 'busy': {
        const seconds = busyWait(core.context.random);
        dialog.respond(this.transaction, 500, { headers: [headerField(RetryAfter, { seconds })] });
        break;
      }
      default: {
        const { status, reason } = why;
        const headers = warningOf(core, why);
        dialog.respond(this.transaction, status, { headers, ...(status === 400 && { reason }) });
      }
    }
  }
}

/** Takes an INVITE or UPDATE within the dialog. One that is answered by that, as it is wrong or has no offer, is none: undefined. */
export function takeOffer(
  environment: SessionEnvironment,
  session: ModifiedSession,
  transaction: ServerTransaction,
): IncomingOffer | undefined {
  const { dialog, timer } = session;
  const { request } = transaction;
  const tooSmall = timer.examine(request);
  if (tooSmall !== undefined) {
    dialog.respond(transaction, 422, { headers: tooSmall });
    return undefined;
  }
  const description = sessionDescriptionOf(request);
  if (description instanceof SyntaxFault) {
    dialog.respond(transaction, description.status, { reason: description.reason });
    return undefined;
  }
  if (request.method === 'UPDATE' && description === undefined) {
    session.learn(request);
    dialog.respond(transaction, 200, { headers: successHeaders(environment, session, request) });
    return undefined;
  }
  return new IncomingOffer(environment, session, transaction, description);
}

function successHeaders(
  { core }: SessionEnvironment,
  { state, timer }: ModifiedSession,
  request: SipRequest,
): HeaderInit[] {
  const own = core.capabilityHeaders(['Allow', 'Supported']);
  // Before the answer the timer is for the INVITE to agree on.
  return state === 'early' ? own : [...own, ...timer.accept(request)];
}
