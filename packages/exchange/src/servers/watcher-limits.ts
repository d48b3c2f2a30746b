import type { NotifierLimits } from '@switchhook/sip';

/** Of subscriptions to a lot, and to who is registered in a domain: of all watchers, and of one (docs/limits.md). */
export const watcherLimits: NotifierLimits = { subscriptions: 10_000, subscriptionsPerWatcher: 50 };
