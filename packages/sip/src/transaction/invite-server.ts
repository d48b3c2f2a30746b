import type { Machine } from './machine.ts';

export type InviteServerState = 'initial' | 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

export type InviteServerEvent =
  | 'request'
  | 'retransmission'
  | 'ack'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'refusal'
  | 'timerTrying'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError';

export type InviteServerAction =
  | 'requestToUser'
  | 'ackToUser'
  | 'sendResponse'
  | 'sendTrying'
  | 'repeatResponse'
  | 'missingAckToUser'
  | 'transportErrorToUser'
  | 'stopTimers'
  | 'startTimerTrying'
  | 'startTimerG'
  | 'doubleTimerG'
  | 'startTimerH'
  | 'startTimerI'
  | 'startTimerL';

/**
 * The INVITE server transaction (RFC 3261 17.2.1 with figure 7 as RFC 6026 8.6 has it). `provisional`, `success` and
 * `failure` are the user's responses, and `refusal` is a failure that is not kept (26.3.2.4). When the user says nothing for 200 ms, the transaction says 100.
 */
export const inviteServer: Machine<InviteServerState, InviteServerEvent, InviteServerAction> = {
  initial: {
    request: { to: 'proceeding', actions: ['requestToUser', 'startTimerTrying'] },
  },
  proceeding: {
    timerTrying: { to: 'proceeding', actions: ['sendTrying'] },
    retransmission: { to: 'proceeding', actions: ['repeatResponse'] },
    provisional: { to: 'proceeding', actions: ['stopTimers', 'sendResponse'] },
    success: { to: 'accepted', actions: ['stopTimers', 'startTimerL', 'sendResponse'] },
    failure: { to: 'completed', actions: ['stopTimers', 'startTimerG', 'startTimerH', 'sendResponse'] },
    refusal: { to: 'terminated', actions: ['sendResponse'] },
    transportError: { to: 'proceeding', actions: ['transportErrorToUser'] },
  },
  completed: {
    retransmission: { to: 'completed', actions: ['repeatResponse'] },
    timerG: { to: 'completed', actions: ['repeatResponse', 'doubleTimerG'] },
    timerH: { to: 'terminated', actions: ['missingAckToUser'] },
    ack: { to: 'confirmed', actions: ['stopTimers', 'startTimerI'] },
    transportError: { to: 'completed', actions: ['transportErrorToUser'] },
  },
  confirmed: {
    timerI: { to: 'terminated', actions: [] },
  },
  accepted: {
    ack: { to: 'accepted', actions: ['ackToUser'] },
    success: { to: 'accepted', actions: ['sendResponse'] },
    timerL: { to: 'terminated', actions: [] },
    transportError: { to: 'accepted', actions: ['transportErrorToUser'] },
  },
  terminated: {},
};
