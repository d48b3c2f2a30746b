import type { Machine } from '@switchhook/sip';

/**
 * parked: he hears music; ringing: the telephone of somebody rings who is to take him; offered: somebody has answered, or
 * has dialled the slot, and was asked to take him; over: he is not parked any more.
 */
export type ParkedCallState = 'parked' | 'ringing' | 'offered' | 'over';

export type ParkedCallEvent =
  /** He was parked for long enough. */
  | 'due'
  | 'answered'
  /** Nobody answered, and there is somebody else to try. */
  | 'unanswered'
  /** There is not. */
  | 'exhausted'
  /** Somebody dials the slot. */
  | 'dialled'
  /** Whoever was asked to take him has not done so. */
  | 'notTaken'
  /** He has been taken away, or has hung up. */
  | 'left';

export type ParkedCallAction = 'ring' | 'stopRinging' | 'offer' | 'dismiss' | 'wait' | 'stopWaiting' | 'release';

export const parkedCallMachine: Machine<ParkedCallState, ParkedCallEvent, ParkedCallAction> = {
  parked: {
    due: { to: 'ringing', actions: ['ring'] },
    dialled: { to: 'offered', actions: ['stopWaiting', 'offer'] },
    left: { to: 'over', actions: ['stopWaiting', 'release'] },
  },
  ringing: {
    answered: { to: 'offered', actions: ['offer'] },
    unanswered: { to: 'ringing', actions: ['ring'] },
    exhausted: { to: 'parked', actions: ['wait'] },
    dialled: { to: 'offered', actions: ['stopRinging', 'offer'] },
    left: { to: 'over', actions: ['stopRinging', 'release'] },
  },
  offered: {
    notTaken: { to: 'parked', actions: ['dismiss', 'wait'] },
    left: { to: 'over', actions: ['dismiss', 'release'] },
  },
  over: {},
};
