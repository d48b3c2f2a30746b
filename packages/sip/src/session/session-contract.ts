import type { RequestFailure, UserAgentCore } from '../dialog/contract.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { Reason } from '../message/headers/reason.ts';
import type { TimerValues } from '../transaction/timers.ts';
import type { DialogClaims } from './dialog-claim.ts';
import type { LocalHold, MediaDirection, MediaRefusal } from './media.ts';
import type { InviteSession } from './invite-session.ts';

/** Why a session is over. */
export type SessionEnd =
  /** This side hung up. */
  | { readonly kind: 'local' }
  /** The far end hung up, and says why perhaps (RFC 3326). */
  | { readonly kind: 'remote'; readonly reasons: readonly Reason[] }
  /** The 2xx of this side was never acknowledged (RFC 3261 13.3.1.4). */
  | { readonly kind: 'unacknowledged' }
  /** Nobody refreshed it in time (RFC 4028 10). */
  | { readonly kind: 'expired' }
  /** The far end does not answer any more, or knows nothing of it (RFC 3261 12.2.1.2, 14.1). */
  | {
      readonly kind: 'lost';
      readonly response?: SipResponse | undefined;
      readonly failure?: RequestFailure | undefined;
    }
  /** The far end described media that cannot be. */
  | { readonly kind: 'media'; readonly refusal: MediaRefusal }
  /** Another session stands in its place (RFC 3891); whoever it was for goes on in that one. */
  | { readonly kind: 'replaced'; readonly by: InviteSession }
  /** It never became more than early: refused, cancelled, or another branch of a fork answered. */
  | { readonly kind: 'abandoned' }
  /** The user agent was stopped. */
  | { readonly kind: 'stopped' };

/** INFO (RFC 6086). It is refused with 415 or 469 where nobody accepts it. */
export interface SessionInfo {
  readonly kind: 'info';
  readonly request: SipRequest;
  /** Says that it is understood. */
  accept(): void;
  /** Says which types of body would have been, for the Accept of the refusal. */
  refuse(understood: readonly string[]): void;
}

/** What happens in a session. */
export type SessionEvent =
  /** An offer and an answer were agreed on, the first or others. */
  | {
      readonly kind: 'media';
      readonly direction: MediaDirection;
      readonly localHold: LocalHold;
      readonly remoteHold: boolean;
      /** Before the call is answered (RFC 3960). */
      readonly early: boolean;
    }
  | SessionInfo
  | { readonly kind: 'confirmed' }
  /**
   * Nothing comes from the far end though by what was agreed it should, neither RTP nor RTCP; or it does again, or does
   * not have to any more. Who is silent is asked whether it is there, and the session ends as `lost` where it is not.
   */
  | { readonly kind: 'silence'; readonly silent: boolean }
  | { readonly kind: 'ended'; readonly end: SessionEnd };

/** What came of the wish to change a session. */
export type ModificationOutcome =
  | { readonly kind: 'done' }
  /** The far end does not want it; all is as it was (RFC 3261 14.1). */
  | { readonly kind: 'refused'; readonly response: SipResponse }
  /** The far end did not answer in time, or could not be reached; all is as it was. */
  | { readonly kind: 'failed'; readonly failure: RequestFailure }
  /** This side has no port for it. */
  | { readonly kind: 'no-media'; readonly message: string }
  /** Another wish took its place before it was begun. */
  | { readonly kind: 'superseded' }
  /** The session ended over it, or before it. */
  | { readonly kind: 'ended'; readonly end: SessionEnd };

/** What a 4xx, 5xx or 6xx to an INVITE means to a caller. */
export type RefusalCause =
  /** 486, 600. */
  | 'busy'
  /** 403, 433, 603, 607, 608. */
  | 'declined'
  /** 404, 410, 416, 484, 485, 604. */
  | 'not-found'
  /** 408, 430, 480, 503. */
  | 'unavailable'
  /** 415, 488, 606. */
  | 'not-acceptable'
  /** 401, 407: no password, or a wrong one. */
  | 'unauthorized'
  /** Everything else. */
  | 'failed';

/** Why nobody answered. */
export type InviteFailure =
  | { readonly kind: 'refused'; readonly cause: RefusalCause; readonly response: SipResponse }
  /** A 3xx, with contacts that the policy for redirections did not follow. */
  | { readonly kind: 'redirected'; readonly response: SipResponse; readonly contacts: readonly NameAddr[] }
  /** This side gave it up. */
  | { readonly kind: 'cancelled' }
  /** It rang for as long as it may, and nobody came. */
  | { readonly kind: 'no-answer' }
  /** There was no response at all. */
  | { readonly kind: 'unreachable'; readonly failure: RequestFailure }
  /** This side has no port for it. */
  | { readonly kind: 'no-media'; readonly message: string }
  /** The far end answered with media that cannot be; it was hung up. */
  | { readonly kind: 'media'; readonly refusal: MediaRefusal };

/** What came of an INVITE of this side. */
export type InviteOutcome =
  | { readonly kind: 'answered'; readonly session: InviteSession }
  /** Somebody else has picked it up: this is his session, and the INVITE was given up (RFC 3891 7.1). */
  | { readonly kind: 'replaced'; readonly session: InviteSession }
  | InviteFailure;

/** What happens on the way to an outcome. */
export type OutgoingInviteEvent =
  /** It goes out, for the first time or once more. */
  | { readonly kind: 'sent' }
  /** A response from 101 to 199, with the session that it may become. */
  | { readonly kind: 'progress'; readonly response: SipResponse; readonly session: InviteSession | undefined }
  | { readonly kind: 'ended'; readonly outcome: InviteOutcome };

/** What came of accepting an INVITE. */
export type AcceptOutcome =
  | { readonly kind: 'answered'; readonly session: InviteSession }
  /** The far end cancelled, hung up or waited too long; or the INVITE was answered otherwise. */
  | { readonly kind: 'gone' }
  /** It was refused: the offer, or this side's own media. */
  | { readonly kind: 'refused'; readonly refusal: MediaRefusal };

/** Why an INVITE does not ring any more. */
export type IncomingInviteEnd =
  | { readonly kind: 'answered'; readonly session: InviteSession }
  | { readonly kind: 'cancelled'; readonly reasons: readonly Reason[] }
  /** Its Expires is over (RFC 3261 13.3.1). */
  | { readonly kind: 'expired' }
  /** This side refused it, redirected it, or could not agree on media. */
  | { readonly kind: 'rejected'; readonly status: number }
  /** A reliable provisional response was never acknowledged (RFC 3262 3). */
  | { readonly kind: 'unacknowledged' }
  /** The machine has come into another network, where its caller does not reach it. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'stopped' };

/** What happens to an INVITE that came, before it is answered. */
export type IncomingInviteEvent =
  /** A response from 101 to 199 went out, the first or another. */
  { readonly kind: 'progress'; readonly status: number } | { readonly kind: 'ended'; readonly end: IncomingInviteEnd };

/** When provisional responses are sent reliably to somebody who can do that (RFC 3262 3). */
export type ReliableProvisionals =
  /** Only where the INVITE requires it. */
  | 'required'
  /** Those that carry a session description. */
  | 'media'
  /** All. */
  | 'supported';

/** How sessions behave. Times are in milliseconds where nothing else is said. */
export interface SessionOptions {
  readonly timers: TimerValues;
  /** Session timers (RFC 4028), in seconds: what is asked for, and the least that is accepted; 90 at least. */
  readonly sessionTimer: { readonly interval: number; readonly minimum: number } | 'off';
  readonly reliableProvisionals: ReliableProvisionals;
  /** How long somebody who rings may do so before the INVITE is cancelled. */
  readonly ringTime: number;
  /** How long a re-INVITE may go without a final response before it is cancelled. */
  readonly modificationTime: number;
  /** How long nothing may come from a far end that should send, before that is told and the far end is asked. */
  readonly silenceTime: number;
}

/** What every session is made in. */
export interface SessionEnvironment {
  readonly core: UserAgentCore;
  readonly options: SessionOptions;
  /** Counts what is held. */
  readonly registry: SessionRegistry;
  readonly claims: DialogClaims;
}

export interface SessionRegistry {
  add(member: Stoppable): void;
  remove(member: Stoppable): void;
}

export interface Stoppable {
  stop(): void;
}
