import type { DialogSetUser, RequestFailure } from '../dialog/contract.ts';
import type { DialogSet } from '../dialog/dialog-set.ts';
import type { SipResponse } from '../message/message.ts';
import type { Parameters } from '../message/parameters.ts';
import type { InviteParts } from './invite-parts.ts';
import type { SessionEnvironment } from './session-contract.ts';
import { sessionDescriptionType } from './session-description-body.ts';
import { SessionTimer } from './session-timer.ts';

/** How often one INVITE is made again because a session interval is too short for somebody on its way. */
const maximumIntervals = 3;

/** Who hears what comes of an attempt. */
export interface AttemptUser {
  /** 101 to 699. Who makes another attempt asks first whether he may: whether it is a 422 that can be complied with. */
  response(response: SipResponse, mayTryAgain: () => boolean): void;
  /** There will be no final response. */
  failed(failure: RequestFailure): void;
  /** Nothing comes any more. */
  ended(): void;
}

/** The attempts at one INVITE: it goes again, with a longer session interval, where somebody wants one (RFC 4028 7.3). */
export class InviteAttempts {
  /** Of the latest attempt. */
  set: DialogSet | undefined = undefined;
  /** That of all attempts; undefined before the first. */
  callId: string | undefined = undefined;
  readonly #environment: SessionEnvironment;
  readonly #parts: InviteParts;
  readonly #user: AttemptUser;
  readonly #timer: SessionTimer;
  #intervals = 0;

  constructor(environment: SessionEnvironment, parts: InviteParts, user: AttemptUser) {
    this.#environment = environment;
    this.#parts = parts;
    this.#user = user;
    this.#timer = new SessionTimer(environment.core.context.clock, environment.options.sessionTimer, {
      refresh: () => undefined,
      expired: () => undefined,
    });
  }

  /** Throws where the user agent takes no requests. */
  send(offer: string | undefined, contactParameters: Parameters): void {
    const { target, to, from, route, redirects, contactUriParameters, headers = [] } = this.#parts;
    this.set = this.#environment.core.requestDialogs(
      {
        method: 'INVITE',
        target,
        to,
        from,
        route,
        redirects,
        contactParameters,
        contactUriParameters,
        callId: this.callId,
        headers: [...this.#timer.requestHeaders(), ...headers],
        body: offer,
        contentType: offer === undefined ? undefined : sessionDescriptionType,
      },
      this.#attemptUser(),
    );
    this.callId = this.set.callId;
  }

  /** Of one attempt; what an earlier one still has to say is over with it. */
  #attemptUser(): DialogSetUser {
    let isCurrent = true;
    return {
      response: (response, set) => {
        if (!isCurrent || response.status === 100) return;
        this.set = set;
        this.#user.response(response, () => this.#mayTryAgain(response));
        isCurrent = this.set === set;
      },
      failed: (failure) => {
        if (isCurrent) this.#user.failed(failure);
      },
      ended: () => {
        if (isCurrent) this.#user.ended();
      },
    };
  }

  #mayTryAgain(response: SipResponse): boolean {
    if (response.status !== 422) return false;
    this.#intervals += 1;
    return this.#intervals <= maximumIntervals && this.#timer.tooSmall(response);
  }
}
