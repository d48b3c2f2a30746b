import type { Machine } from '../transaction/machine.ts';

export type SubscriberState = 'notifyWait' | 'pending' | 'active' | 'leaving' | 'terminated';

export type SubscriberEvent =
  /** A NOTIFY, by its Subscription-State. */
  | 'notifyPending'
  | 'notifyActive'
  | 'notifyTerminated'
  /** It is time to subscribe again. */
  | 'refreshDue'
  /** A body before the one that came was missed. */
  | 'stateMissed'
  /** A 2xx to a SUBSCRIBE; a 423; a response that leaves the subscription as it is; one that ends it. */
  | 'accepted'
  | 'tooBrief'
  | 'failed'
  | 'refused'
  | 'timerN'
  /** Nothing has renewed it in time. */
  | 'expired'
  | 'unsubscribe'
  | 'dialogEnded';

export type SubscriberAction =
  | 'startTimerN'
  | 'stopTimerN'
  | 'takeNotify'
  | 'takeAnswer'
  | 'sendSubscribe'
  | 'sendUnsubscribe'
  | 'hastenRefresh'
  | 'postponeRefresh'
  | 'endByNotifier'
  | 'endUnanswered'
  | 'endRefused'
  | 'endExpired'
  | 'endWithDialog';

/**
 * A subscription as its subscriber sees it (RFC 6665 4.1.2, figure 1), with `leaving` for one that is being given up
 * and waits for its last NOTIFY (4.4.1). One that was only to fetch the state begins there (4.4.3).
 */
export const subscriberMachine: Machine<SubscriberState, SubscriberEvent, SubscriberAction> = {
  notifyWait: {
    notifyPending: { to: 'pending', actions: ['stopTimerN', 'takeNotify'] },
    notifyActive: { to: 'active', actions: ['stopTimerN', 'takeNotify'] },
    notifyTerminated: { to: 'terminated', actions: ['takeNotify', 'endByNotifier'] },
    timerN: { to: 'terminated', actions: ['endUnanswered'] },
    unsubscribe: { to: 'leaving', actions: ['sendUnsubscribe', 'startTimerN'] },
    dialogEnded: { to: 'terminated', actions: ['endWithDialog'] },
  },
  pending: {
    notifyPending: { to: 'pending', actions: ['stopTimerN', 'takeNotify'] },
    notifyActive: { to: 'active', actions: ['stopTimerN', 'takeNotify'] },
    notifyTerminated: { to: 'terminated', actions: ['takeNotify', 'endByNotifier'] },
    refreshDue: { to: 'pending', actions: ['sendSubscribe', 'startTimerN'] },
    stateMissed: { to: 'pending', actions: ['hastenRefresh'] },
    accepted: { to: 'pending', actions: ['takeAnswer'] },
    tooBrief: { to: 'pending', actions: ['sendSubscribe', 'startTimerN'] },
    failed: { to: 'pending', actions: ['stopTimerN', 'postponeRefresh'] },
    refused: { to: 'terminated', actions: ['endRefused'] },
    timerN: { to: 'terminated', actions: ['endUnanswered'] },
    expired: { to: 'terminated', actions: ['endExpired'] },
    unsubscribe: { to: 'leaving', actions: ['sendUnsubscribe', 'startTimerN'] },
    dialogEnded: { to: 'terminated', actions: ['endWithDialog'] },
  },
  active: {
    notifyPending: { to: 'pending', actions: ['stopTimerN', 'takeNotify'] },
    notifyActive: { to: 'active', actions: ['stopTimerN', 'takeNotify'] },
    notifyTerminated: { to: 'terminated', actions: ['takeNotify', 'endByNotifier'] },
    refreshDue: { to: 'active', actions: ['sendSubscribe', 'startTimerN'] },
    stateMissed: { to: 'active', actions: ['hastenRefresh'] },
    accepted: { to: 'active', actions: ['takeAnswer'] },
    tooBrief: { to: 'active', actions: ['sendSubscribe', 'startTimerN'] },
    failed: { to: 'active', actions: ['stopTimerN', 'postponeRefresh'] },
    refused: { to: 'terminated', actions: ['endRefused'] },
    timerN: { to: 'terminated', actions: ['endUnanswered'] },
    expired: { to: 'terminated', actions: ['endExpired'] },
    unsubscribe: { to: 'leaving', actions: ['sendUnsubscribe', 'startTimerN'] },
    dialogEnded: { to: 'terminated', actions: ['endWithDialog'] },
  },
  leaving: {
    notifyPending: { to: 'leaving', actions: ['takeNotify'] },
    notifyActive: { to: 'leaving', actions: ['takeNotify'] },
    notifyTerminated: { to: 'terminated', actions: ['takeNotify', 'endByNotifier'] },
    failed: { to: 'terminated', actions: ['endRefused'] },
    refused: { to: 'terminated', actions: ['endRefused'] },
    timerN: { to: 'terminated', actions: ['endUnanswered'] },
    dialogEnded: { to: 'terminated', actions: ['endWithDialog'] },
  },
  terminated: {},
};
