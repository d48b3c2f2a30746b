import type { Machine } from '../transaction/machine.ts';

export type OutgoingInviteState =
  'initial' | 'preparing' | 'calling' | 'proceeding' | 'settling' | 'cancelling' | 'replaced' | 'answered' | 'ended';

export type OutgoingInviteMachineEvent =
  | 'start'
  /** The offer is made, or none is to go along. */
  | 'ready'
  /** There is no port for media. */
  | 'unready'
  /** 101 to 199. */
  | 'provisional'
  /** Any 2xx, of any branch, also one that comes again. */
  | 'success'
  /** 300 to 699. */
  | 'failure'
  /** A 422 that can be complied with. */
  | 'tooSmall'
  /** There will be no final response. */
  | 'unreachable'
  /** This side gives up. */
  | 'cancel'
  /** Somebody else has picked it up. */
  | 'replace'
  /** The machine has other addresses now, to which no answer comes. */
  | 'networkChanged'
  /** It has rung for too long. */
  | 'ringOut'
  /** Offer and answer of the first 2xx fit. */
  | 'agreed'
  | 'unusable'
  /** The user agent is stopped. */
  | 'stop';

export type OutgoingInviteAction =
  | 'makeOffer'
  | 'sendInvite'
  | 'takeProvisional'
  | 'acknowledgeProvisional'
  | 'sendCancel'
  | 'takeWinner'
  | 'takeFurther'
  | 'hangUpWinner'
  | 'confirmWinner'
  | 'dismissMedia'
  | 'tellAnswered'
  | 'tellFailed'
  | 'tellUnanswered'
  | 'tellGivenUp'
  | 'tellReplaced'
  | 'tellNoMedia'
  | 'tellUnusable';

/**
 * An INVITE of this side with all the branches it may fork into (RFC 3261 13.2, 9.1). The first 2xx wins; each further one
 * is acknowledged and hung up, also one that crosses the CANCEL (RFC 3261 13.2.2.4, 15). Who picks it up while it rings wins as
 * well (RFC 3891 7.1): it is cancelled then, and nobody waits for what comes of that; so is one
 * whose answer would not find its way back.
 */
export const outgoingInviteMachine: Machine<OutgoingInviteState, OutgoingInviteMachineEvent, OutgoingInviteAction> = {
  initial: {
    start: { to: 'preparing', actions: ['makeOffer'] },
    cancel: { to: 'ended', actions: ['dismissMedia', 'tellGivenUp'] },
  },
  preparing: {
    ready: { to: 'calling', actions: ['sendInvite'] },
    unready: { to: 'ended', actions: ['dismissMedia', 'tellNoMedia'] },
    cancel: { to: 'ended', actions: ['dismissMedia', 'tellGivenUp'] },
    stop: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
  },
  calling: {
    provisional: { to: 'proceeding', actions: ['takeProvisional'] },
    success: { to: 'settling', actions: ['takeWinner'] },
    failure: { to: 'ended', actions: ['dismissMedia', 'tellFailed'] },
    tooSmall: { to: 'calling', actions: ['sendInvite'] },
    unreachable: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
    cancel: { to: 'cancelling', actions: ['sendCancel'] },
    networkChanged: { to: 'replaced', actions: ['sendCancel', 'dismissMedia', 'tellUnanswered'] },
    ringOut: { to: 'cancelling', actions: ['sendCancel'] },
    stop: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
  },
  proceeding: {
    provisional: { to: 'proceeding', actions: ['takeProvisional'] },
    success: { to: 'settling', actions: ['takeWinner'] },
    failure: { to: 'ended', actions: ['dismissMedia', 'tellFailed'] },
    tooSmall: { to: 'calling', actions: ['sendInvite'] },
    unreachable: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
    cancel: { to: 'cancelling', actions: ['sendCancel'] },
    replace: { to: 'replaced', actions: ['sendCancel', 'dismissMedia', 'tellReplaced'] },
    networkChanged: { to: 'replaced', actions: ['sendCancel', 'dismissMedia', 'tellUnanswered'] },
    ringOut: { to: 'cancelling', actions: ['sendCancel'] },
    stop: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
  },
  settling: {
    success: { to: 'settling', actions: ['takeFurther'] },
    agreed: { to: 'answered', actions: ['confirmWinner', 'tellAnswered'] },
    unusable: { to: 'ended', actions: ['hangUpWinner', 'dismissMedia', 'tellUnusable'] },
    cancel: { to: 'ended', actions: ['hangUpWinner', 'dismissMedia', 'tellGivenUp'] },
    replace: { to: 'replaced', actions: ['hangUpWinner', 'dismissMedia', 'tellReplaced'] },
    stop: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
  },
  cancelling: {
    provisional: { to: 'cancelling', actions: ['acknowledgeProvisional'] },
    success: { to: 'ended', actions: ['takeFurther', 'dismissMedia', 'tellGivenUp'] },
    failure: { to: 'ended', actions: ['dismissMedia', 'tellGivenUp'] },
    tooSmall: { to: 'ended', actions: ['dismissMedia', 'tellGivenUp'] },
    unreachable: { to: 'ended', actions: ['dismissMedia', 'tellGivenUp'] },
    stop: { to: 'ended', actions: ['dismissMedia', 'tellUnanswered'] },
  },
  replaced: {
    provisional: { to: 'replaced', actions: ['acknowledgeProvisional'] },
    success: { to: 'replaced', actions: ['takeFurther'] },
  },
  answered: {
    success: { to: 'answered', actions: ['takeFurther'] },
  },
  ended: {
    success: { to: 'ended', actions: ['takeFurther'] },
  },
};
