import type { Machine } from '../transaction/machine.ts';

export type SessionState = 'early' | 'accepted' | 'leaving' | 'confirmed' | 'ending' | 'ended';

export type SessionMachineEvent =
  /** This side's 2xx went out. */
  | 'accept'
  /** The far end's 2xx came. */
  | 'confirm'
  /** The ACK to this side's 2xx came. */
  | 'ack'
  | 'hangUp'
  /** The far end's BYE. */
  | 'bye'
  /** What comes of this side's BYE is known. */
  | 'byeConcluded'
  /** The far end is gone, or the session has run out, or cannot go on. */
  | 'fail'
  /** The INVITE came to nothing, or to another branch. */
  | 'abandon'
  /** The far end's 2xx came, and is not wanted any more. */
  | 'dismiss'
  /** The dialog has ended without this side's doing. */
  | 'dialogEnded';

export type SessionMachineAction =
  'giveUpInvite' | 'sendBye' | 'answerBye' | 'tellConfirmed' | 'tellEnded' | 'endModifications' | 'leaveDialog';

/**
 * The life of an INVITE session (RFC 3261 13, 15). `accepted` is the callee's side before the ACK has come, when no BYE
 * may go (15): who hangs up then is `leaving`. In `ending` the BYE is on its way; one of the far end that crosses it is
 * answered, and nothing else matters any more. An early session is given up by a CANCEL or a refusal of its INVITE.
 */
export const sessionMachine: Machine<SessionState, SessionMachineEvent, SessionMachineAction> = {
  early: {
    accept: { to: 'accepted', actions: [] },
    confirm: { to: 'confirmed', actions: ['tellConfirmed'] },
    hangUp: { to: 'early', actions: ['giveUpInvite'] },
    bye: { to: 'ended', actions: ['answerBye', 'endModifications', 'tellEnded', 'leaveDialog'] },
    fail: { to: 'early', actions: ['giveUpInvite'] },
    abandon: { to: 'ended', actions: ['endModifications', 'tellEnded', 'leaveDialog'] },
    dismiss: { to: 'ending', actions: ['endModifications', 'tellEnded', 'sendBye'] },
    dialogEnded: { to: 'ended', actions: ['endModifications', 'tellEnded'] },
  },
  accepted: {
    ack: { to: 'confirmed', actions: ['tellConfirmed'] },
    hangUp: { to: 'leaving', actions: ['tellEnded'] },
    bye: { to: 'ended', actions: ['answerBye', 'endModifications', 'tellEnded', 'leaveDialog'] },
    fail: { to: 'ending', actions: ['endModifications', 'tellEnded', 'sendBye'] },
    dialogEnded: { to: 'ended', actions: ['endModifications', 'tellEnded'] },
  },
  leaving: {
    ack: { to: 'ending', actions: ['endModifications', 'sendBye'] },
    bye: { to: 'ended', actions: ['answerBye', 'endModifications', 'leaveDialog'] },
    fail: { to: 'ending', actions: ['endModifications', 'sendBye'] },
    dialogEnded: { to: 'ended', actions: ['endModifications'] },
  },
  confirmed: {
    hangUp: { to: 'ending', actions: ['endModifications', 'tellEnded', 'sendBye'] },
    bye: { to: 'ended', actions: ['answerBye', 'endModifications', 'tellEnded', 'leaveDialog'] },
    fail: { to: 'ending', actions: ['endModifications', 'tellEnded', 'sendBye'] },
    dialogEnded: { to: 'ended', actions: ['endModifications', 'tellEnded'] },
  },
  ending: {
    bye: { to: 'ending', actions: ['answerBye'] },
    byeConcluded: { to: 'ended', actions: ['leaveDialog'] },
    dialogEnded: { to: 'ended', actions: [] },
  },
  ended: {},
};
