import type { Machine } from '../transaction/machine.ts';

export type SubscriptionPhase = 'initial' | 'trying' | 'standing' | 'resting' | 'leaving' | 'ended';

export type SubscriptionEvent =
  | 'start'
  | 'notified'
  /** The try has ended, and another one makes sense; or none does. */
  | 'again'
  | 'over'
  | 'rested'
  | 'unsubscribe'
  | 'stopped';

export type SubscriptionAction = 'subscribe' | 'tell' | 'rest' | 'leave' | 'finish' | 'drop';

/** A subscription as a person sees it: one that is taken up again when the notifier or the network lets it down. */
export const subscriptionMachine: Machine<SubscriptionPhase, SubscriptionEvent, SubscriptionAction> = {
  initial: {
    start: { to: 'trying', actions: ['subscribe'] },
    unsubscribe: { to: 'ended', actions: ['finish'] },
  },
  trying: {
    notified: { to: 'standing', actions: ['tell'] },
    again: { to: 'resting', actions: ['rest'] },
    over: { to: 'ended', actions: ['finish'] },
    unsubscribe: { to: 'leaving', actions: ['leave'] },
    stopped: { to: 'ended', actions: ['drop', 'finish'] },
  },
  standing: {
    notified: { to: 'standing', actions: ['tell'] },
    again: { to: 'resting', actions: ['rest'] },
    over: { to: 'ended', actions: ['finish'] },
    unsubscribe: { to: 'leaving', actions: ['leave'] },
    stopped: { to: 'ended', actions: ['drop', 'finish'] },
  },
  resting: {
    rested: { to: 'trying', actions: ['subscribe'] },
    unsubscribe: { to: 'ended', actions: ['finish'] },
    stopped: { to: 'ended', actions: ['finish'] },
  },
  leaving: {
    again: { to: 'ended', actions: ['finish'] },
    over: { to: 'ended', actions: ['finish'] },
    stopped: { to: 'ended', actions: ['drop', 'finish'] },
  },
  ended: {},
};
