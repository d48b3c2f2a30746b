import { decodeUtf8, ErrorInfo, reasonPhrases, SipUri, SyntaxFault, understoodStatus } from '@switchhook/sip';
import type { RegistrationFailure, RequestFailure, SipResponse } from '@switchhook/sip';

/** Why something that a person asked for did not come about. The kinds are closed; {@link sentenceOf} has a sentence for each. */
export type FailureKind =
  /** 486 and 600: the far end is in a call, or does not want to be disturbed. */
  | 'busy'
  /** 603, 607 and 608: a person there said no, or somebody for him. */
  | 'declined'
  /** 408 from a server: it rang, and nobody came. */
  | 'no-answer'
  /** 480 and 410: nobody is there to ring. 430: the connection by which he was reached has ended (RFC 5626 11.6). */
  | 'unavailable'
  /** 404, 416, 484, 485 and 604: no such address. */
  | 'unknown'
  /** 403: the far end or an exchange on the way does not allow it. */
  | 'forbidden'
  /** 401 and 407 that the password does not answer. */
  | 'password'
  /** 415, 488 and 606: no codec or no protection that both sides have. */
  | 'no-common-media'
  /** Redirects that lead nowhere. */
  | 'moved'
  /** 500, 502, 503, 504: a server cannot at the moment. */
  | 'server'
  /** No connection, no answer at all, no way there. `code` says which. */
  | 'unreachable'
  /** The certificate of the server does not verify. */
  | 'certificate'
  /** This side gave up. */
  | 'cancelled'
  /** There is nothing (any more) that it could be done to: the call has ended, the phone has stopped. */
  | 'ended'
  /** There is no call there that could be taken. */
  | 'no-call'
  /** Somebody else was faster: the call was answered, taken or ended meanwhile. */
  | 'taken'
  /** The call is not in a state for it: what rings is not held, what is talked in is not answered. */
  | 'not-now'
  /** The phone there takes no digits as telephone events (RFC 4733). */
  | 'no-digits'
  /** Microphone, loudspeaker, file or port: this side's sound cannot be had. */
  | 'sound'
  /** Any other final response. */
  | 'refused';

/** Why something could not be done. */
export interface Failure {
  readonly kind: FailureKind;
  /** The status of the final response, where one came. */
  readonly status?: number;
  /** What went wrong with the connection, where none came. */
  readonly code?: RequestFailure['code'];
  /** The far end's own words, or the system's. Text from outside: whoever shows it takes care of control characters. */
  readonly detail?: string;
  /**
   * Where the server that refused lets it be heard why, to be called like anybody: the first SIP URI of Error-Info
   * (RFC 3261 20.18). An address of its choice, so nothing but a person's wish should call it.
   */
  readonly announcement?: string;
}

const kinds: Readonly<Record<number, FailureKind>> = {
  401: 'password',
  403: 'forbidden',
  404: 'unknown',
  407: 'password',
  408: 'no-answer',
  410: 'unavailable',
  415: 'no-common-media',
  416: 'unknown',
  430: 'unavailable',
  480: 'unavailable',
  484: 'unknown',
  485: 'unknown',
  486: 'busy',
  488: 'no-common-media',
  500: 'server',
  502: 'server',
  503: 'server',
  504: 'server',
  600: 'busy',
  603: 'declined',
  604: 'unknown',
  606: 'no-common-media',
  607: 'declined',
  608: 'declined',
};

/** What the status of a final response of 300 or more means. */
export function failureOfStatus({ status, reason }: Pick<SipResponse, 'status' | 'reason'>): Failure {
  const kind = kinds[understoodStatus(status)] ?? (status < 400 ? 'moved' : 'refused');
  const detail = decodeUtf8(reason).trim();
  return { kind, status, ...(detail === '' || detail === reasonPhrases[status] ? {} : { detail }) };
}

/** What a final response of 300 or more means. */
export function failureOfResponse(response: Pick<SipResponse, 'status' | 'reason' | 'rawAll'>): Failure {
  const failure = failureOfStatus(response);
  const announcement = announcementOf(response);
  return announcement === undefined ? failure : { ...failure, announcement };
}

function announcementOf(response: Pick<SipResponse, 'rawAll'>): string | undefined {
  for (const text of response.rawAll(ErrorInfo)) {
    const value = ErrorInfo.parse(text);
    if (value instanceof SyntaxFault || !(value.uri instanceof SipUri)) continue;
    // What a URI puts into the request (RFC 3261 19.1.1) is not for a stranger to write.
    return value.uri.with({ headers: [] }).toString();
  }
  return undefined;
}

/** What it means that a request could not be sent, or got no final response. */
export function failureOfRequest({ code, message }: Pick<RequestFailure, 'code' | 'message'>): Failure {
  switch (code) {
    case 'cancelled':
      return { kind: 'cancelled', code };
    case 'stopped':
      return { kind: 'ended', code };
    case 'certificate':
      return { kind: 'certificate', code, detail: message };
    default:
      return { kind: 'unreachable', code, detail: message };
  }
}

/** Why there is no registration. */
export function failureOfRegistration({ status, reason, code }: RegistrationFailure): Failure {
  return code === undefined ? failureOfStatus({ status, reason }) : failureOfRequest({ code, message: reason });
}

const noWay: Readonly<Partial<Record<NonNullable<Failure['code']>, string>>> = {
  timeout: 'did not answer',
  refused: 'cannot be reached, the connection was refused',
  closed: 'cannot be reached, the connection was closed',
  'no-records': 'has no address',
  'no-transport': 'cannot be reached over any transport that this phone has',
  'dns-failure': 'cannot be looked up: the name server does not answer',
  'too-large': 'cannot be sent a message as long as this',
};

/** A sentence for a person, without a full stop: "Bob is busy (486)". `who` is whom it was asked of. */
export function sentenceOf(failure: Failure, who: string): string {
  const { kind, status, code, detail } = failure;
  const words = detail === undefined ? '' : `: ${detail}`;
  const number = status === undefined ? '' : ` (${String(status)})`;
  switch (kind) {
    case 'busy':
      return `${who} is busy${number}`;
    case 'declined':
      return `${who} declined${number}`;
    case 'no-answer':
      return `nobody answered at ${who}${number}`;
    case 'unavailable':
      return `${who} cannot be reached at the moment${number}`;
    case 'unknown':
      return `there is no ${who}${number}${words}`;
    case 'forbidden':
      return `it is not allowed at ${who}${number}${words}`;
    case 'password':
      // 407 is a proxy's, 401 of whoever was asked (RFC 3261 22.1).
      return `${status === 401 ? who : 'the exchange'} did not accept the password${number}`;
    case 'no-common-media':
      return `${who} has no codec or protection of sound in common with this phone${number}${words}`;
    case 'moved':
      return `${who} has moved, and cannot be found${number}`;
    case 'server':
      return `it cannot be done at the moment${number}${words}`;
    case 'unreachable':
      return `${who} ${(code === undefined ? undefined : noWay[code]) ?? 'cannot be reached'}`;
    case 'certificate':
      return `the certificate of ${who} cannot be trusted${words}`;
    case 'cancelled':
      return 'it was given up';
    case 'ended':
      return 'it had ended before';
    case 'no-call':
      return `there is no call to take at ${who}`;
    case 'taken':
      return `the call of ${who} was answered or has ended${number}`;
    case 'not-now':
      return `that cannot be done to the call with ${who} now`;
    case 'no-digits':
      return `the phone of ${who} takes no digits`;
    case 'sound':
      return `there is no sound${words}`;
    case 'refused':
      // A number that is forwarded to itself, or oneself (RFC 3261 16.3, RFC 5393).
      if (status === 482 || status === 483) return `the call to ${who} goes round in a circle${number}`;
      return `${who} refused${number}${words}`;
  }
}

/** Throws what everything rejects with that a signal gives up; its reason is the cause. */
export function throwIfGivenUp(who: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw givenUp(who, signal);
}

/** What that is. */
export function givenUp(who: string, { reason }: AbortSignal): PhoneError {
  return new PhoneError({ kind: 'cancelled' }, who, { cause: reason });
}

/** What a promise of the phone rejects with. `message` is the sentence, `failure` what a program decides by. */
export class PhoneError extends Error {
  override readonly name = 'PhoneError';
  readonly failure: Failure;

  constructor(failure: Failure, who: string, options?: ErrorOptions) {
    super(sentenceOf(failure, who), options);
    this.failure = failure;
  }
}
