import type { Acknowledgement, OutgoingRequest, RequestFailure, RequestUser } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipResponse } from '../message/message.ts';
import { ProvisionalAcknowledger } from './provisional-acknowledger.ts';

/** What a re-INVITE comes to. */
export interface ReinviteOutcome {
  /** A provisional response with a session description. */
  provisional(response: SipResponse): void;
  success(response: SipResponse): void;
  refused(response: SipResponse): void;
  failed(failure: RequestFailure): void;
}

/** The session description that goes with an ACK. */
interface AcknowledgedAnswer {
  readonly body: string;
  readonly contentType: string;
}

interface ReinviteOptions extends Partial<AcknowledgedAnswer> {
  readonly headers: readonly HeaderInit[];
}

/** A re-INVITE of this side. Whatever has become of the session meanwhile, its 2xx is acknowledged (RFC 3261 13.2.2.4). */
export class Reinvite implements RequestUser {
  readonly #dialog: Dialog;
  readonly #outcome: ReinviteOutcome;
  readonly #provisionals: ProvisionalAcknowledger;
  #outgoing: OutgoingRequest | undefined = undefined;
  #acknowledgement: Acknowledgement | undefined = undefined;
  #asks = false;
  #isAnswered = false;

  constructor(dialog: Dialog, outcome: ReinviteOutcome) {
    this.#dialog = dialog;
    this.#outcome = outcome;
    this.#provisionals = new ProvisionalAcknowledger(dialog);
  }

  /** Without a body it asks the far end for an offer, whose answer {@link acknowledge} brings (RFC 3261 14.1). */
  send(options: ReinviteOptions): OutgoingRequest {
    this.#asks = options.body === undefined;
    this.#outgoing = this.#dialog.send('INVITE', this, options);
    return this.#outgoing;
  }

  response(response: SipResponse): void {
    const { status } = response;
    if (status < 200) {
      if (this.#provisionals.take(response) === 'reliable') {
        this.#outcome.provisional(response);
        this.#provisionals.acknowledge(response);
      }
    } else if (status >= 300) {
      this.#outcome.refused(response);
    } else if (this.#acknowledgement !== undefined) {
      this.#acknowledgement.repeat();
    } else if (!this.#isAnswered) {
      this.#isAnswered = true;
      if (!this.#asks) this.acknowledge();
      this.#outcome.success(response);
    }
  }

  /** Acknowledges the 2xx, with the answer to the offer in it where one was asked for. */
  acknowledge(answer?: AcknowledgedAnswer): void {
    if (this.#outgoing === undefined || this.#acknowledgement !== undefined) return;
    this.#acknowledgement = this.#dialog.acknowledge(this.#outgoing.request, answer);
  }

  failed(failure: RequestFailure): void {
    this.#outcome.failed(failure);
  }
}
