import type { Machine } from './machine.ts';

export type NonInviteServerState = 'initial' | 'trying' | 'proceeding' | 'completed' | 'terminated';

export type NonInviteServerEvent =
  | 'request'
  | 'retransmission'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'refusal'
  | 'withheld'
  | 'timerProvisional'
  | 'timerExpiry'
  | 'timerJ'
  | 'transportError';

export type NonInviteServerAction =
  | 'requestToUser'
  | 'sendResponse'
  | 'sendTrying'
  | 'repeatResponse'
  | 'expiryToUser'
  | 'transportErrorToUser'
  | 'stopTimers'
  | 'startTimerProvisional'
  | 'startTimerExpiry'
  | 'startTimerJ';

/**
 * The non-INVITE server transaction (RFC 3261 17.2.2, figure 8), with what RFC 4320 adds: a 100 goes out when there
 * is still no answer once the client repeats its request every T2 only, no other provisional response does, and
 * a 408 is `withheld`. After 64*T1 the client has given up, so a transaction that is still open then expires,
 * and an answer that comes later goes nowhere.
 */
export const nonInviteServer: Machine<NonInviteServerState, NonInviteServerEvent, NonInviteServerAction> = {
  initial: {
    request: { to: 'trying', actions: ['startTimerProvisional', 'startTimerExpiry', 'requestToUser'] },
  },
  trying: {
    timerProvisional: { to: 'proceeding', actions: ['sendTrying'] },
    timerExpiry: { to: 'terminated', actions: ['expiryToUser'] },
    provisional: { to: 'proceeding', actions: ['sendResponse'] },
    success: { to: 'completed', actions: ['stopTimers', 'startTimerJ', 'sendResponse'] },
    failure: { to: 'completed', actions: ['stopTimers', 'startTimerJ', 'sendResponse'] },
    refusal: { to: 'terminated', actions: ['sendResponse'] },
    withheld: { to: 'completed', actions: ['stopTimers', 'startTimerJ'] },
  },
  proceeding: {
    timerExpiry: { to: 'terminated', actions: ['expiryToUser'] },
    retransmission: { to: 'proceeding', actions: ['repeatResponse'] },
    provisional: { to: 'proceeding', actions: ['sendResponse'] },
    success: { to: 'completed', actions: ['stopTimers', 'startTimerJ', 'sendResponse'] },
    failure: { to: 'completed', actions: ['stopTimers', 'startTimerJ', 'sendResponse'] },
    refusal: { to: 'terminated', actions: ['sendResponse'] },
    withheld: { to: 'completed', actions: ['stopTimers', 'startTimerJ'] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
  },
  completed: {
    retransmission: { to: 'completed', actions: ['repeatResponse'] },
    timerJ: { to: 'terminated', actions: [] },
    transportError: { to: 'terminated', actions: ['transportErrorToUser'] },
  },
  terminated: {},
};
