import type { Clock, HeaderInit, OutgoingInvite, Uri } from '@switchhook/sip';
import type { Abortable } from './abortable.ts';
import type { Call } from './call.ts';
import type { CallEnd } from './call-end.ts';
import type { CallMedia, CallSound } from './media.ts';
import type { Party } from './party.ts';
import type { Inquirer } from './services/inquirer.ts';
import type { TransferOptions } from './services/transfer.ts';

/**
 * calling: nothing has come back yet; ringing: at the far end, or here; connected: it was answered; ended: `end` says how.
 */
export type CallState = 'calling' | 'ringing' | 'connected' | 'ended';

/** What happens to a call. */
export type CallEvent =
  | { readonly kind: 'state'; readonly state: Exclude<CallState, 'ended'> }
  /** One side put it on hold, or took it from hold. */
  | { readonly kind: 'hold'; readonly local: boolean; readonly remote: boolean }
  /** While it is on hold a server plays music to the far end, or does not any more (RFC 5359 2.3). */
  | { readonly kind: 'music'; readonly playing: boolean }
  /** It was agreed what the sound is: the first time, or to be something else. */
  | { readonly kind: 'sound'; readonly sound: CallSound }
  /**
   * Nothing has come from the far end for ten seconds though it should: it is asked whether it is there, and the call ends as
   * `lost` where it is not. `silent` is false when something comes again, or does not have to any more.
   */
  | { readonly kind: 'silence'; readonly silent: boolean }
  /** It got the microphone and the loudspeaker, or lost them. */
  | { readonly kind: 'active'; readonly active: boolean }
  | { readonly kind: 'muted'; readonly muted: boolean }
  /** The far end sent a digit. */
  | { readonly kind: 'digit'; readonly digit: string }
  /** Somebody else is at the far end now: he was put through to this call, or has picked it up (RFC 3891). It goes on. */
  | { readonly kind: 'replaced'; readonly before: Party }
  /** The last one. */
  | { readonly kind: 'ended'; readonly end: CallEnd };

/** What a call asks of its phone. */
export interface CallHost {
  readonly clock: Clock;
  /** Who has asked for the calls that ring. */
  readonly inquirer: Pick<Inquirer, 'since'>;
  /** Puts the call in progress on hold, so that this one can have the sound. */
  makeRoom(): Promise<void>;
  /** Gives the sound to the call, or takes it from it. */
  setSound(call: Call, on: boolean): void;
  happened(call: Call, event: CallEvent): void;
  /** What has to be dealt with before the call can be hung up; undefined for nothing. */
  beforeHangUp(call: Call): Promise<void> | undefined;
  /** Calls somebody on behalf of a call that goes on with him. */
  invite(target: Uri, headers: readonly HeaderInit[]): { readonly invite: OutgoingInvite; readonly media: CallMedia };
  /** Says goodbye to somebody whose call is over for the person already. */
  goodbye(said: Promise<void>): Promise<void>;
  holdWithMusic(call: Call, server: string, options: Abortable): Promise<void>;
  transfer(call: Call, target: string, options: TransferOptions): Promise<void>;
  transferTo(call: Call, other: Call, options: Abortable): Promise<void>;
  transferByMessage(call: Call, target: string): Promise<void>;
}

/** What the phone tells a call at its beginning. */
export interface CallParts {
  readonly number: number;
  readonly remote: Party;
  readonly media: CallMedia;
  /** The call that it will take the place of, and that is not put on hold for it. */
  readonly inPlaceOf?: Call | undefined;
  /** It leaves the sound to whoever has it: it is for a room. */
  readonly beside?: boolean | undefined;
}

/** Who comes into the place of the far end. */
export type CallHeir = Pick<CallParts, 'remote' | 'media'>;

/** The ways that rejected calls are answered. */
export type Rejection = 'busy' | 'declined' | 'unavailable';

export const rejectionStatus: Readonly<Record<Rejection, number>> = { busy: 486, declined: 603, unavailable: 480 };
