import type { Machine } from '../transaction/machine.ts';

export type PaceState = 'idle' | 'sending' | 'sendingMore' | 'sendingNext' | 'resting' | 'restingMore';

export type PaceEvent =
  /** Something is to be told, and may wait its time. */
  | 'want'
  /** Something is to be told at once: the answer to a SUBSCRIBE, or the end (RFC 6665 4.2.1.2). */
  | 'urge'
  /** There was nothing new after all. */
  | 'nothing'
  /** The NOTIFY was answered; or it was, by somebody who wants it again later. */
  | 'answered'
  | 'postponed'
  | 'rested';

export type PaceAction = 'send' | 'rest' | 'stopRest';

/**
 * When the NOTIFYs of one subscription go out: one at a time, and no more of them than the package allows (RFC 6665
 * 5.4.10). What wants to be told meanwhile goes out together.
 */
export const notificationPace: Machine<PaceState, PaceEvent, PaceAction> = {
  idle: {
    want: { to: 'sending', actions: ['send'] },
    urge: { to: 'sending', actions: ['send'] },
  },
  sending: {
    want: { to: 'sendingMore', actions: [] },
    urge: { to: 'sendingNext', actions: [] },
    nothing: { to: 'idle', actions: [] },
    answered: { to: 'resting', actions: ['rest'] },
    postponed: { to: 'restingMore', actions: ['rest'] },
  },
  sendingMore: {
    urge: { to: 'sendingNext', actions: [] },
    answered: { to: 'restingMore', actions: ['rest'] },
    postponed: { to: 'restingMore', actions: ['rest'] },
  },
  sendingNext: {
    answered: { to: 'sending', actions: ['send'] },
    postponed: { to: 'sending', actions: ['send'] },
  },
  resting: {
    want: { to: 'restingMore', actions: [] },
    urge: { to: 'sending', actions: ['stopRest', 'send'] },
    rested: { to: 'idle', actions: [] },
  },
  restingMore: {
    urge: { to: 'sending', actions: ['stopRest', 'send'] },
    rested: { to: 'sending', actions: ['send'] },
  },
};
