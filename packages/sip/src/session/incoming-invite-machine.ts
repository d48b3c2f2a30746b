import type { Machine } from '../transaction/machine.ts';

export type IncomingInviteState = 'authorizing' | 'examining' | 'pending' | 'accepting' | 'answered' | 'ended';

export type IncomingInviteMachineEvent =
  /** It claims no dialog of this side, or one that it may have. */
  | 'authorized'
  /** It claims a dialog that it may not have. */
  | 'refused'
  /** The far end's offer can be answered, or there is none; or what the 2xx needs is there. */
  | 'ready'
  /** It cannot be answered, or this side has no port. */
  | 'unacceptable'
  /** This side wants to say that it rings, or let itself be heard. */
  | 'progress'
  | 'accept'
  | 'reject'
  /** The far end's CANCEL. */
  | 'cancel'
  /** A BYE of the far end in the early dialog. */
  | 'bye'
  /** Its Expires is over. */
  | 'expire'
  /** A reliable provisional response was not acknowledged in time. */
  | 'noPrack'
  /** The machine has other addresses now, to which nothing of the caller comes. */
  | 'networkChanged'
  | 'stop';

export type IncomingInviteAction =
  | 'examine'
  | 'tellIncoming'
  | 'sendProgress'
  | 'prepareSuccess'
  | 'sendSuccess'
  | 'refuseMedia'
  | 'sendRejection'
  | 'sendTerminated'
  | 'sendTimeout'
  | 'sendUnreachable'
  | 'tellAnswered'
  | 'tellRejected'
  | 'tellCancelled'
  | 'tellGone'
  | 'tellExpired'
  | 'tellUnacknowledged'
  | 'tellUnreachable'
  | 'tellStopped'
  | 'release';

/**
 * An INVITE of the far end (RFC 3261 13.3, RFC 3262 3). What it claims of this side's dialogs (RFC 3891, RFC 3911) and its offer are
 * looked at before anybody hears of it, so that nothing rings that could not be answered. Whatever ends it before the 2xx, CANCEL, BYE or time, is answered with 487;
 * where this side comes into another network, with 480: its caller knows only where it was.
 */
export const incomingInviteMachine: Machine<IncomingInviteState, IncomingInviteMachineEvent, IncomingInviteAction> = {
  authorizing: {
    authorized: { to: 'examining', actions: ['examine'] },
    refused: { to: 'ended', actions: ['sendRejection', 'release'] },
    cancel: { to: 'ended', actions: ['sendTerminated', 'release'] },
    bye: { to: 'ended', actions: ['sendTerminated', 'release'] },
    expire: { to: 'ended', actions: ['sendTerminated', 'release'] },
    networkChanged: { to: 'ended', actions: ['sendUnreachable', 'release'] },
    stop: { to: 'ended', actions: ['release'] },
  },
  examining: {
    ready: { to: 'pending', actions: ['tellIncoming'] },
    unacceptable: { to: 'ended', actions: ['refuseMedia', 'release'] },
    reject: { to: 'ended', actions: ['sendRejection', 'release'] },
    cancel: { to: 'ended', actions: ['sendTerminated', 'release'] },
    bye: { to: 'ended', actions: ['sendTerminated', 'release'] },
    expire: { to: 'ended', actions: ['sendTerminated', 'release'] },
    networkChanged: { to: 'ended', actions: ['sendUnreachable', 'release'] },
    stop: { to: 'ended', actions: ['release'] },
  },
  pending: {
    progress: { to: 'pending', actions: ['sendProgress'] },
    accept: { to: 'accepting', actions: ['prepareSuccess'] },
    reject: { to: 'ended', actions: ['sendRejection', 'tellRejected', 'release'] },
    cancel: { to: 'ended', actions: ['sendTerminated', 'tellCancelled', 'release'] },
    bye: { to: 'ended', actions: ['sendTerminated', 'tellGone', 'release'] },
    expire: { to: 'ended', actions: ['sendTerminated', 'tellExpired', 'release'] },
    noPrack: { to: 'ended', actions: ['sendTimeout', 'tellUnacknowledged', 'release'] },
    networkChanged: { to: 'ended', actions: ['sendUnreachable', 'tellUnreachable', 'release'] },
    stop: { to: 'ended', actions: ['tellStopped', 'release'] },
  },
  accepting: {
    ready: { to: 'answered', actions: ['sendSuccess', 'tellAnswered', 'release'] },
    unacceptable: { to: 'ended', actions: ['refuseMedia', 'tellRejected', 'release'] },
    reject: { to: 'ended', actions: ['sendRejection', 'tellRejected', 'release'] },
    cancel: { to: 'ended', actions: ['sendTerminated', 'tellCancelled', 'release'] },
    bye: { to: 'ended', actions: ['sendTerminated', 'tellGone', 'release'] },
    expire: { to: 'ended', actions: ['sendTerminated', 'tellExpired', 'release'] },
    noPrack: { to: 'ended', actions: ['sendTimeout', 'tellUnacknowledged', 'release'] },
    networkChanged: { to: 'ended', actions: ['sendUnreachable', 'tellUnreachable', 'release'] },
    stop: { to: 'ended', actions: ['tellStopped', 'release'] },
  },
  answered: {},
  ended: {},
};
