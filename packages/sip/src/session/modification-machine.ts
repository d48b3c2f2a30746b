import type { Machine } from '../transaction/machine.ts';

export type ModificationState =
  'stable' | 'offering' | 'passingOn' | 'answering' | 'acknowledging' | 'awaitingAnswer' | 'over';

export type ModificationEvent =
  /** This side has something to change, and nothing is in the way. */
  | 'modify'
  /** This side's own description is made. */
  | 'ready'
  /** There is no port for it. */
  | 'unready'
  /** The far end's INVITE or UPDATE that speaks of media. */
  | 'offer'
  /** That offer cannot be accepted. */
  | 'unacceptable'
  /** The far end cancels its INVITE. */
  | 'cancel'
  /** A 2xx with an answer went out. */
  | 'accept'
  /** A 2xx with an offer went out, or a reliable provisional response with one. */
  | 'acceptOffer'
  /** An offer and an answer are agreed on, and no ACK is to come. */
  | 'agreed'
  /** A 2xx to this side's request. */
  | 'success'
  /** A 2xx to this side's request has an offer, which was asked for. */
  | 'asked'
  /** The far end was at it, too: 491, or 500 with a time to wait. */
  | 'glare'
  /** Any other refusal. */
  | 'failure'
  /** 408, 481, or no response at all. */
  | 'lost'
  /** The far end's answer is none. */
  | 'unusable'
  | 'ack'
  | 'noAck'
  | 'end';

export type ModificationAction =
  | 'makeOffer'
  | 'sendOffer'
  | 'prepareAnswer'
  | 'sendAnswer'
  | 'refuseGlare'
  | 'refuseBusy'
  | 'refuseOffer'
  | 'refuseCancelled'
  | 'takeAnswer'
  | 'answerLate'
  | 'sendLateAnswer'
  | 'sendNoAnswer'
  | 'takeLateAnswer'
  | 'rollback'
  | 'retryLater'
  | 'tellDone'
  | 'tellFailed'
  | 'tellMedia'
  | 'stopRepeating'
  | 'confirm'
  | 'loseSession'
  | 'endForMedia'
  | 'endUnacknowledged'
  | 'next';

/**
 * Who is offering what in one session: INVITE, re-INVITE and UPDATE of both sides (RFC 3261 14, RFC 3264 4, RFC 3311 5,
 * RFC 6141). One offer at a time: one that comes while an own one is out gets 491, one that comes while another is being
 * answered 500 with Retry-After. What comes to nothing is rolled back.
 *
 * In `passingOn` the far end has made an offer that this side has asked for, and somebody else is asked for the answer, which
 * goes into the ACK (RFC 7088 2.1). `acknowledging` and `awaitingAnswer` are a 2xx of this side that waits for its ACK, in the second for an answer in it.
 * A further INVITE in the first tells that the 2xx has arrived, even if its ACK has not (RFC 5407 3.1.4).
 */
export const modificationMachine: Machine<ModificationState, ModificationEvent, ModificationAction> = {
  stable: {
    modify: { to: 'offering', actions: ['makeOffer'] },
    offer: { to: 'answering', actions: ['prepareAnswer'] },
    accept: { to: 'acknowledging', actions: [] },
    end: { to: 'over', actions: ['stopRepeating'] },
  },
  offering: {
    ready: { to: 'offering', actions: ['sendOffer'] },
    unready: { to: 'stable', actions: ['rollback', 'tellFailed', 'next'] },
    offer: { to: 'offering', actions: ['refuseGlare'] },
    success: { to: 'offering', actions: ['takeAnswer'] },
    agreed: { to: 'stable', actions: ['tellMedia', 'tellDone', 'next'] },
    unusable: { to: 'over', actions: ['rollback', 'endForMedia'] },
    asked: { to: 'passingOn', actions: ['answerLate'] },
    glare: { to: 'stable', actions: ['rollback', 'retryLater'] },
    failure: { to: 'stable', actions: ['rollback', 'tellFailed', 'next'] },
    lost: { to: 'over', actions: ['rollback', 'loseSession'] },
    end: { to: 'over', actions: ['stopRepeating'] },
  },
  passingOn: {
    ready: { to: 'stable', actions: ['sendLateAnswer', 'tellMedia', 'tellDone', 'next'] },
    offer: { to: 'passingOn', actions: ['refuseGlare'] },
    unacceptable: { to: 'over', actions: ['rollback', 'sendNoAnswer', 'endForMedia'] },
    end: { to: 'over', actions: ['sendNoAnswer', 'stopRepeating'] },
  },
  answering: {
    ready: { to: 'answering', actions: ['sendAnswer'] },
    unacceptable: { to: 'stable', actions: ['rollback', 'refuseOffer', 'next'] },
    offer: { to: 'answering', actions: ['refuseBusy'] },
    cancel: { to: 'stable', actions: ['rollback', 'refuseCancelled', 'next'] },
    accept: { to: 'acknowledging', actions: ['tellMedia'] },
    acceptOffer: { to: 'awaitingAnswer', actions: [] },
    agreed: { to: 'stable', actions: ['tellMedia', 'next'] },
    end: { to: 'over', actions: ['refuseCancelled', 'stopRepeating'] },
  },
  acknowledging: {
    offer: { to: 'answering', actions: ['stopRepeating', 'confirm', 'prepareAnswer'] },
    ack: { to: 'stable', actions: ['stopRepeating', 'confirm', 'next'] },
    noAck: { to: 'over', actions: ['endUnacknowledged'] },
    end: { to: 'over', actions: ['stopRepeating'] },
  },
  awaitingAnswer: {
    offer: { to: 'awaitingAnswer', actions: ['refuseGlare'] },
    ack: { to: 'awaitingAnswer', actions: ['stopRepeating', 'confirm', 'takeLateAnswer'] },
    agreed: { to: 'stable', actions: ['tellMedia', 'next'] },
    unusable: { to: 'over', actions: ['rollback', 'endForMedia'] },
    noAck: { to: 'over', actions: ['rollback', 'endUnacknowledged'] },
    end: { to: 'over', actions: ['stopRepeating'] },
  },
  over: {},
};
