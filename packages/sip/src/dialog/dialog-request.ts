import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';
import type { OutgoingRequest, RequestUser } from './contract.ts';

/** How often a request goes in all that others overtake. */
const maximumTries = 4;

/** What a request within a dialog asks of its dialog. */
export interface RequestKeeper {
  transmit(user: RequestUser): OutgoingRequest;
  /** Whether a later request of this side has gone out since, and the dialog stands. */
  isOvertaken(request: SipRequest): boolean;
  /** The user has had that response. */
  answered(response: SipResponse): void;
}

/**
 * A request within a dialog. The usages of a dialog share its numbers (RFC 5057), and over UDP a NOTIFY may overtake a BYE: the
 * far end has to refuse by 500 the one that comes late (RFC 3261 12.2.2), although nothing is wrong with it. It goes once
 * more, with the highest number.
 */
export class DialogRequest implements OutgoingRequest {
  readonly #user: RequestUser;
  readonly #keeper: RequestKeeper;
  #outgoing: OutgoingRequest;
  #tries = 0;
  #isCancelled = false;

  /** Sends it. */
  constructor(user: RequestUser, keeper: RequestKeeper) {
    this.#user = user;
    this.#keeper = keeper;
    this.#outgoing = this.#transmit();
  }

  get request(): SipRequest {
    return this.#outgoing.request;
  }

  get flow(): Flow | undefined {
    return this.#outgoing.flow;
  }

  cancel(headers?: readonly HeaderInit[]): void {
    this.#isCancelled = true;
    this.#outgoing.cancel(headers);
  }

  #transmit(): OutgoingRequest {
    this.#tries += 1;
    const mine = this.#tries;
    const user = this.#user;
    return this.#keeper.transmit({
      response: (response) => {
        if (mine !== this.#tries) return;
        if (this.#goesAgain(response)) {
          this.#outgoing = this.#transmit();
          user.resent?.(this.#outgoing.request);
        } else {
          user.response(response);
          this.#keeper.answered(response);
        }
      },
      failed: (failure) => {
        user.failed(failure);
      },
      resent: (again) => user.resent?.(again),
      ended: () => {
        if (mine === this.#tries) user.ended?.();
      },
    });
  }

  #goesAgain({ status }: SipResponse): boolean {
    if (status !== 500 || this.#isCancelled || this.#tries >= maximumTries) return false;
    return this.#keeper.isOvertaken(this.request);
  }
}
