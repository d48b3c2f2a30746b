import type { Machine } from '../transaction/machine.ts';

export type RegistrationFlowState =
  'initial' | 'registering' | 'registered' | 'refreshing' | 'waiting' | 'failed' | 'unregistering' | 'terminated';

export type RegistrationFlowEvent =
  | 'begin'
  | 'accepted'
  | 'unavailable'
  | 'refused'
  | 'again'
  | 'timerRefresh'
  | 'timerRetry'
  | 'flowLost'
  | 'networkChanged'
  | 'end';

export type RegistrationFlowAction =
  | 'register'
  | 'unregister'
  | 'unregisterBound'
  | 'abandonRequest'
  | 'dropFlow'
  | 'closeFlow'
  | 'keepFlow'
  | 'startTimerRefresh'
  | 'startTimerRetry'
  | 'stopTimers'
  | 'tell';

/**
 * One flow of a registration (RFC 3261 10.2, RFC 5626 4.2 and 4.5). `unavailable` is a failure that may pass: no answer,
 * no way, 503; `refused` is one that will not; `again` wants the same request with something changed, as after a
 * 423; `flowLost` is the end of a flow that carried a registration, or of what was known of it. `unregisterBound` asks only where a binding of before may still stand, and is `accepted` at once otherwise.
 */
export const registrationFlow: Machine<RegistrationFlowState, RegistrationFlowEvent, RegistrationFlowAction> = {
  initial: {
    begin: { to: 'registering', actions: ['tell', 'register'] },
    end: { to: 'terminated', actions: ['tell'] },
  },
  registering: {
    accepted: { to: 'registered', actions: ['keepFlow', 'startTimerRefresh', 'tell'] },
    again: { to: 'registering', actions: ['register'] },
    unavailable: { to: 'waiting', actions: ['dropFlow', 'startTimerRetry', 'tell'] },
    refused: { to: 'failed', actions: ['dropFlow', 'tell'] },
    networkChanged: { to: 'registering', actions: ['abandonRequest', 'closeFlow', 'register'] },
    end: { to: 'unregistering', actions: ['abandonRequest', 'tell', 'unregister'] },
  },
  registered: {
    timerRefresh: { to: 'refreshing', actions: ['register'] },
    again: { to: 'refreshing', actions: ['stopTimers', 'register'] },
    flowLost: { to: 'registering', actions: ['stopTimers', 'dropFlow', 'tell', 'register'] },
    unavailable: { to: 'waiting', actions: ['stopTimers', 'dropFlow', 'startTimerRetry', 'tell'] },
    networkChanged: { to: 'registering', actions: ['stopTimers', 'closeFlow', 'tell', 'register'] },
    end: { to: 'unregistering', actions: ['stopTimers', 'tell', 'unregister'] },
  },
  refreshing: {
    accepted: { to: 'registered', actions: ['keepFlow', 'startTimerRefresh', 'tell'] },
    again: { to: 'refreshing', actions: ['register'] },
    flowLost: { to: 'registering', actions: ['abandonRequest', 'dropFlow', 'tell', 'register'] },
    unavailable: { to: 'waiting', actions: ['abandonRequest', 'startTimerRetry', 'tell'] },
    refused: { to: 'failed', actions: ['dropFlow', 'tell'] },
    networkChanged: { to: 'registering', actions: ['abandonRequest', 'closeFlow', 'tell', 'register'] },
    end: { to: 'unregistering', actions: ['abandonRequest', 'tell', 'unregister'] },
  },
  waiting: {
    timerRetry: { to: 'registering', actions: ['tell', 'register'] },
    begin: { to: 'registering', actions: ['stopTimers', 'tell', 'register'] },
    networkChanged: { to: 'registering', actions: ['stopTimers', 'closeFlow', 'tell', 'register'] },
    end: { to: 'unregistering', actions: ['stopTimers', 'tell', 'unregisterBound'] },
  },
  failed: {
    begin: { to: 'registering', actions: ['tell', 'register'] },
    networkChanged: { to: 'registering', actions: ['tell', 'register'] },
    end: { to: 'unregistering', actions: ['tell', 'unregisterBound'] },
  },
  unregistering: {
    accepted: { to: 'terminated', actions: ['dropFlow', 'tell'] },
    again: { to: 'unregistering', actions: ['unregister'] },
    unavailable: { to: 'terminated', actions: ['dropFlow', 'tell'] },
    refused: { to: 'terminated', actions: ['dropFlow', 'tell'] },
    flowLost: { to: 'terminated', actions: ['abandonRequest', 'dropFlow', 'tell'] },
  },
  terminated: {
    begin: { to: 'registering', actions: ['tell', 'register'] },
  },
};
