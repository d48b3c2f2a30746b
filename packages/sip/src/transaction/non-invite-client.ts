import type { Machine } from './machine.ts';

export type NonInviteClientState = 'initial' | 'trying' | 'proceeding' | 'completed' | 'terminated';

export type NonInviteClientEvent =
  'request' | 'provisional' | 'success' | 'failure' | 'timerE' | 'timerF' | 'timerK' | 'transportError';

export type NonInviteClientAction =
  | 'sendRequest'
  | 'responseToUser'
  | 'timeoutToUser'
  | 'transportErrorToUser'
  | 'stopTimers'
  | 'startTimerE'
  | 'doubleTimerE'
  | 'slowTimerE'
  | 'startTimerF'
  | 'startTimerK';

/** The non-INVITE client transaction (RFC 3261 17.1.2, figure 6). */
export const nonInviteClient: Machine<NonInviteClientState, NonInviteClientEvent, NonInviteClientAction> = {
  initial: {
    request: { to: 'trying', actions: ['sendRequest', 'startTimerE', 'startTimerF'] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
  },
  trying: {
    timerE: { to: 'trying', actions: ['sendRequest', 'doubleTimerE'] },
    timerF: { to: 'terminated', actions: ['timeoutToUser'] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
    provisional: { to: 'proceeding', actions: ['responseToUser'] },
    success: { to: 'completed', actions: ['stopTimers', 'startTimerK', 'responseToUser'] },
    failure: { to: 'completed', actions: ['stopTimers', 'startTimerK', 'responseToUser'] },
  },
  proceeding: {
    timerE: { to: 'proceeding', actions: ['sendRequest', 'slowTimerE'] },
    timerF: { to: 'terminated', actions: ['timeoutToUser'] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
    provisional: { to: 'proceeding', actions: ['responseToUser'] },
    success: { to: 'completed', actions: ['stopTimers', 'startTimerK', 'responseToUser'] },
    failure: { to: 'completed', actions: ['stopTimers', 'startTimerK', 'responseToUser'] },
  },
  completed: {
    timerK: { to: 'terminated', actions: [] },
  },
  terminated: {},
};
