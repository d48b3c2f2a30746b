import type { WatchedDialog } from '../event/packages/dialog-info.ts';
import type { Machine } from '../transaction/machine.ts';
import type { IncomingInviteEnd, InviteOutcome, SessionEnd } from '../session/session-contract.ts';

export type DialogState = WatchedDialog['state'];

export type DialogStateEvent =
  /** A provisional response without a tag. */
  | 'proceed'
  /** A provisional response that makes the dialog. */
  | 'ring'
  /** The 2xx. */
  | 'answer'
  | 'end';

export type DialogStateAction = 'tell';

/** The states of a dialog, and of what is to become one, seen by who watches it (RFC 4235 3.7.1). */
export const dialogStateMachine: Machine<DialogState, DialogStateEvent, DialogStateAction> = {
  trying: {
    proceed: { to: 'proceeding', actions: ['tell'] },
    ring: { to: 'early', actions: ['tell'] },
    answer: { to: 'confirmed', actions: ['tell'] },
    end: { to: 'terminated', actions: ['tell'] },
  },
  proceeding: {
    ring: { to: 'early', actions: ['tell'] },
    answer: { to: 'confirmed', actions: ['tell'] },
    end: { to: 'terminated', actions: ['tell'] },
  },
  early: {
    answer: { to: 'confirmed', actions: ['tell'] },
    end: { to: 'terminated', actions: ['tell'] },
  },
  confirmed: {
    end: { to: 'terminated', actions: ['tell'] },
  },
  terminated: {},
};

/** What brought a dialog to its end, and the status of the response that did. */
export type Termination = Pick<WatchedDialog, 'event' | 'code'>;

/** Of an INVITE of this side that nobody answered. */
export function terminationOfOutgoing(failure: Exclude<InviteOutcome, { kind: 'answered' }>): Termination {
  switch (failure.kind) {
    case 'replaced':
      return { event: 'replaced' };
    case 'cancelled':
    case 'no-answer':
      return { event: 'cancelled' };
    case 'refused':
    case 'redirected':
      return { event: 'rejected', code: failure.response.status };
    case 'unreachable':
      return { event: failure.failure.status === 408 ? 'timeout' : 'error' };
    case 'no-media':
      return { event: 'error' };
    case 'media':
      return { event: 'local-bye' };
  }
}

/** Of an INVITE to this side that was not answered. */
export function terminationOfIncoming(end: Exclude<IncomingInviteEnd, { kind: 'answered' }>): Termination {
  switch (end.kind) {
    case 'cancelled':
    case 'expired':
      return { event: 'cancelled', code: 487 };
    case 'rejected':
      return { event: 'rejected', code: end.status };
    case 'unacknowledged':
      return { event: 'timeout' };
    case 'unreachable':
    case 'stopped':
      return { event: 'error' };
  }
}

/** Of a session, the early one of a branch that came to nothing included. */
export function terminationOfSession(end: SessionEnd): Termination {
  switch (end.kind) {
    case 'local':
    case 'media':
      return { event: 'local-bye' };
    case 'remote':
      return { event: 'remote-bye' };
    case 'abandoned':
      return { event: 'cancelled' };
    case 'replaced':
      return { event: 'replaced' };
    case 'lost':
      return end.response === undefined ? { event: 'timeout' } : { event: 'error', code: end.response.status };
    case 'unacknowledged':
    case 'expired':
      return { event: 'timeout' };
    case 'stopped':
      return { event: 'error' };
  }
}
