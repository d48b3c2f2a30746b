import type { Machine } from './machine.ts';

export type InviteClientState = 'initial' | 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

export type InviteClientEvent =
  | 'request'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'cancel'
  | 'timerA'
  | 'timerB'
  | 'timerD'
  | 'timerM'
  | 'timerCancel'
  | 'transportError';

export type InviteClientAction =
  | 'sendRequest'
  | 'sendAck'
  | 'sendCancel'
  | 'holdCancel'
  | 'releaseCancel'
  | 'responseToUser'
  | 'timeoutToUser'
  | 'transportErrorToUser'
  | 'stopTimers'
  | 'startTimerA'
  | 'doubleTimerA'
  | 'startTimerB'
  | 'startTimerD'
  | 'startTimerM'
  | 'startTimerCancel';

/**
 * The INVITE client transaction (RFC 3261 17.1.1 with figure 5 as RFC 6026 8.4 has it). `cancel` is the user's wish to
 * cancel: RFC 3261 9.1 lets a CANCEL go only after a provisional response, and has the transaction given up
 * when 64*T1 after it there is still no final response.
 */
export const inviteClient: Machine<InviteClientState, InviteClientEvent, InviteClientAction> = {
  initial: {
    request: { to: 'calling', actions: ['sendRequest', 'startTimerA', 'startTimerB'] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
  },
  calling: {
    timerA: { to: 'calling', actions: ['sendRequest', 'doubleTimerA'] },
    timerB: { to: 'terminated', actions: ['timeoutToUser'] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
    cancel: { to: 'calling', actions: ['holdCancel'] },
    provisional: { to: 'proceeding', actions: ['stopTimers', 'responseToUser', 'releaseCancel'] },
    success: { to: 'accepted', actions: ['stopTimers', 'startTimerM', 'responseToUser'] },
    failure: { to: 'completed', actions: ['stopTimers', 'sendAck', 'startTimerD', 'responseToUser'] },
  },
  proceeding: {
    cancel: { to: 'proceeding', actions: ['sendCancel', 'startTimerCancel'] },
    timerCancel: { to: 'terminated', actions: ['timeoutToUser'] },
    provisional: { to: 'proceeding', actions: ['responseToUser'] },
    success: { to: 'accepted', actions: ['stopTimers', 'startTimerM', 'responseToUser'] },
    failure: { to: 'completed', actions: ['stopTimers', 'sendAck', 'startTimerD', 'responseToUser'] },
  },
  completed: {
    failure: { to: 'completed', actions: ['sendAck'] },
    timerD: { to: 'terminated', actions: [] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
  },
  accepted: {
    success: { to: 'accepted', actions: ['responseToUser'] },
    timerM: { to: 'terminated', actions: [] },
  },
  terminated: {},
};
