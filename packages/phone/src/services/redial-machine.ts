import type { Machine } from '@switchhook/sip';

/** How far an automatic redial is (RFC 5359 2.17); docs/subscriptions.md draws it. */
export type RedialState = 'watching' | 'suspended' | 'waiting' | 'asking' | 'calling' | 'leaving' | 'ended';

export type RedialEvent =
  /** Whom it is about is in no call, and nor is this side. */
  | 'free'
  /** He is in none, but this side is. */
  | 'freeForOthers'
  | 'busy'
  /** It is this waiter's turn. */
  | 'due'
  /** The person wants to call. */
  | 'agreed'
  | 'answered'
  /** He was busy again. */
  | 'busyAgain'
  /** The call came to nothing otherwise. */
  | 'failed'
  /** He says that the call stands, or has had time to. */
  | 'seen'
  /** He has been busy, or the person has not answered, for as long as that may be. */
  | 'timeOut'
  /** He does not tell any more. */
  | 'unwatched'
  | 'cancel';

export type RedialAction =
  | 'startTurn'
  | 'stopTurn'
  | 'alert'
  | 'stopAsking'
  | 'dial'
  | 'waitOn'
  | 'startLeaving'
  | 'giveUpCall'
  | 'endConnected'
  | 'endFailed'
  | 'endCancelled'
  | 'finish';

/**
 * Automatic redial (RFC 5359 2.17): one call each time that the other one becomes free, and none before. `waiting` is the
 * while that lets somebody go first who has waited longer; in `asking` the person is alerted and decides; in `leaving`
 * the call stands, and the other side is left to say so before the subscription ends.
 */
export const redialMachine: Machine<RedialState, RedialEvent, RedialAction> = {
  watching: {
    free: { to: 'waiting', actions: ['startTurn'] },
    freeForOthers: { to: 'suspended', actions: [] },
    timeOut: { to: 'ended', actions: ['endFailed', 'finish'] },
    unwatched: { to: 'ended', actions: ['endFailed', 'finish'] },
    cancel: { to: 'ended', actions: ['endCancelled', 'finish'] },
  },
  suspended: {
    free: { to: 'waiting', actions: ['startTurn'] },
    busy: { to: 'watching', actions: [] },
    timeOut: { to: 'ended', actions: ['endFailed', 'finish'] },
    unwatched: { to: 'ended', actions: ['endFailed', 'finish'] },
    cancel: { to: 'ended', actions: ['endCancelled', 'finish'] },
  },
  waiting: {
    due: { to: 'asking', actions: ['alert'] },
    busy: { to: 'watching', actions: ['stopTurn'] },
    freeForOthers: { to: 'suspended', actions: ['stopTurn'] },
    timeOut: { to: 'ended', actions: ['stopTurn', 'endFailed', 'finish'] },
    unwatched: { to: 'ended', actions: ['stopTurn', 'endFailed', 'finish'] },
    cancel: { to: 'ended', actions: ['stopTurn', 'endCancelled', 'finish'] },
  },
  asking: {
    agreed: { to: 'calling', actions: ['stopAsking', 'dial'] },
    busy: { to: 'watching', actions: ['stopAsking'] },
    freeForOthers: { to: 'suspended', actions: ['stopAsking'] },
    timeOut: { to: 'ended', actions: ['stopAsking', 'endFailed', 'finish'] },
    unwatched: { to: 'ended', actions: ['stopAsking', 'endFailed', 'finish'] },
    cancel: { to: 'ended', actions: ['stopAsking', 'endCancelled', 'finish'] },
  },
  calling: {
    answered: { to: 'leaving', actions: ['endConnected', 'startLeaving'] },
    busyAgain: { to: 'watching', actions: ['waitOn'] },
    failed: { to: 'ended', actions: ['endFailed', 'finish'] },
    cancel: { to: 'ended', actions: ['endCancelled', 'giveUpCall', 'finish'] },
  },
  leaving: {
    seen: { to: 'ended', actions: ['finish'] },
    unwatched: { to: 'ended', actions: ['finish'] },
    cancel: { to: 'ended', actions: ['finish'] },
  },
  ended: {},
};
