import type { Machine } from '../transaction/machine.ts';

export type NotifierState = 'respWait' | 'pending' | 'active' | 'terminated' | 'gone';

export type NotifierEvent =
  /** What the policy says to it. */
  | 'granted'
  | 'undecided'
  /** A SUBSCRIBE that makes it last longer; one with Expires 0, the first or a later one. */
  | 'refreshed'
  | 'unsubscribed'
  /** There is something to tell. */
  | 'changed'
  | 'expired'
  /** The policy or the end of the resource ends it. */
  | 'ended'
  /** The last NOTIFY has had its answer. */
  | 'lastAnswered'
  /** A NOTIFY had no answer, or one that ends the subscription. */
  | 'notifyFailed'
  | 'dialogEnded';

export type NotifierAction = 'startExpiry' | 'notifyWhole' | 'notifyChange' | 'notifyLast' | 'drop';

/**
 * A subscription as its notifier sees it (RFC 6665 4.2.2, figure 2). In `terminated` the last NOTIFY is under way, and
 * `gone` is when it has been answered (4.4.1).
 */
export const notifierMachine: Machine<NotifierState, NotifierEvent, NotifierAction> = {
  respWait: {
    granted: { to: 'active', actions: ['startExpiry', 'notifyWhole'] },
    undecided: { to: 'pending', actions: ['startExpiry', 'notifyWhole'] },
    unsubscribed: { to: 'terminated', actions: ['notifyLast'] },
  },
  pending: {
    granted: { to: 'active', actions: ['startExpiry', 'notifyWhole'] },
    refreshed: { to: 'pending', actions: ['startExpiry', 'notifyWhole'] },
    unsubscribed: { to: 'terminated', actions: ['notifyLast'] },
    expired: { to: 'terminated', actions: ['notifyLast'] },
    ended: { to: 'terminated', actions: ['notifyLast'] },
    notifyFailed: { to: 'gone', actions: ['drop'] },
    dialogEnded: { to: 'gone', actions: ['drop'] },
  },
  active: {
    refreshed: { to: 'active', actions: ['startExpiry', 'notifyWhole'] },
    changed: { to: 'active', actions: ['notifyChange'] },
    unsubscribed: { to: 'terminated', actions: ['notifyLast'] },
    expired: { to: 'terminated', actions: ['notifyLast'] },
    ended: { to: 'terminated', actions: ['notifyLast'] },
    notifyFailed: { to: 'gone', actions: ['drop'] },
    dialogEnded: { to: 'gone', actions: ['drop'] },
  },
  terminated: {
    lastAnswered: { to: 'gone', actions: ['drop'] },
    notifyFailed: { to: 'gone', actions: ['drop'] },
    dialogEnded: { to: 'gone', actions: ['drop'] },
  },
  gone: {},
};
