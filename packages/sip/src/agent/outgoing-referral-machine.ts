import type { Machine } from '../transaction/machine.ts';

export type OutgoingReferralState = 'sent' | 'accepted' | 'watching' | 'over';

export type OutgoingReferralEvent =
  /** A 2xx; one that grants that there are no reports; a refusal; no answer at all. */
  | 'accepted'
  | 'acceptedSilently'
  | 'refused'
  | 'failed'
  /** The first NOTIFY. It may come before the 2xx. */
  | 'notified'
  /** A NOTIFY says what came of it in the end. */
  | 'concluded'
  /** The subscription has ended without that, or never began. */
  | 'unwatched'
  /** This side does not want to know any more. */
  | 'end'
  | 'stop';

export type OutgoingReferralAction =
  | 'tellAccepted'
  | 'awaitNotify'
  | 'watch'
  | 'endConcluded'
  | 'endRefused'
  | 'endFailed'
  | 'endUnknown'
  | 'unsubscribe'
  | 'drop';

/** A REFER of this side (RFC 3515 2.4.1, 2.4.4). */
export const outgoingReferralMachine: Machine<OutgoingReferralState, OutgoingReferralEvent, OutgoingReferralAction> = {
  sent: {
    accepted: { to: 'accepted', actions: ['tellAccepted', 'awaitNotify'] },
    acceptedSilently: { to: 'over', actions: ['tellAccepted', 'endUnknown'] },
    refused: { to: 'over', actions: ['endRefused'] },
    failed: { to: 'over', actions: ['endFailed'] },
    notified: { to: 'watching', actions: ['tellAccepted', 'watch'] },
    unwatched: { to: 'over', actions: ['endUnknown'] },
    end: { to: 'over', actions: ['endUnknown'] },
    stop: { to: 'over', actions: ['endUnknown'] },
  },
  accepted: {
    notified: { to: 'watching', actions: ['watch'] },
    unwatched: { to: 'over', actions: ['endUnknown'] },
    end: { to: 'over', actions: ['endUnknown'] },
    stop: { to: 'over', actions: ['endUnknown'] },
  },
  watching: {
    refused: { to: 'over', actions: ['unsubscribe', 'endRefused'] },
    concluded: { to: 'over', actions: ['unsubscribe', 'endConcluded'] },
    unwatched: { to: 'over', actions: ['endUnknown'] },
    end: { to: 'over', actions: ['unsubscribe', 'endUnknown'] },
    stop: { to: 'over', actions: ['drop', 'endUnknown'] },
  },
  over: {},
};
