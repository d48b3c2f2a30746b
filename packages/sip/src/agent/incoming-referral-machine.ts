import type { Machine } from '../transaction/machine.ts';

export type IncomingReferralState = 'asked' | 'promised' | 'followed' | 'over';

export type IncomingReferralEvent =
  /** Who is asked says yes, or no. */
  | 'accept'
  | 'reject'
  /** He has said nothing for as long as a REFER may go without an answer. */
  | 'due'
  /** What the reference led to: a provisional response, a final one. */
  | 'progress'
  | 'finish'
  /** The dialog is gone, and nobody can be told anything any more. */
  | 'dialogEnded'
  | 'stop';

export type IncomingReferralAction =
  'answer' | 'subscribe' | 'refuse' | 'refuseGone' | 'tellProgress' | 'tellFinal' | 'release';

/**
 * A REFER of a far end (RFC 3515 2.4.2). In `promised` it has its 200, for a REFER is not to wait for a person, and the
 * person has still to decide; whoever refers hears 100 until then.
 */
export const incomingReferralMachine: Machine<IncomingReferralState, IncomingReferralEvent, IncomingReferralAction> = {
  asked: {
    accept: { to: 'followed', actions: ['answer', 'subscribe'] },
    reject: { to: 'over', actions: ['refuse', 'release'] },
    due: { to: 'promised', actions: ['answer', 'subscribe'] },
    dialogEnded: { to: 'over', actions: ['refuseGone', 'release'] },
    stop: { to: 'over', actions: ['release'] },
  },
  promised: {
    accept: { to: 'followed', actions: [] },
    reject: { to: 'over', actions: ['tellFinal', 'release'] },
    stop: { to: 'over', actions: ['release'] },
  },
  followed: {
    progress: { to: 'followed', actions: ['tellProgress'] },
    finish: { to: 'over', actions: ['tellFinal', 'release'] },
    stop: { to: 'over', actions: ['release'] },
  },
  over: {},
};
