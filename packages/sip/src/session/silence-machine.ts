import type { Machine } from '../transaction/machine.ts';

export type SilenceState = 'unexpecting' | 'listening' | 'asking' | 'waiting';

export type SilenceEvent =
  /** By what was agreed, something is to come from now on. */
  | 'expect'
  /** Nothing is to come any more, by what was agreed. */
  | 'rest'
  /** The session is over. */
  | 'end'
  /** Nothing has come for too long. */
  | 'silent'
  /** Something has come. */
  | 'heard'
  /** The far end has said that it is there. */
  | 'answered'
  /** It has not, nor that it is gone. */
  | 'unanswered'
  /** It has not for as long as anybody is waited for. */
  | 'lost'
  /** It is time to ask once more. */
  | 'again';

export type SilenceAction =
  'look' | 'stopLooking' | 'tellSilent' | 'tellHeard' | 'ask' | 'askLater' | 'askSoon' | 'stopAsking' | 'lose';

/**
 * What is made of a far end from which nothing comes that should. Its silence proves nothing, for who is muted may send
 * nothing: it is asked within the session, and the session is over when there is no answer either.
 */
export const silenceMachine: Machine<SilenceState, SilenceEvent, SilenceAction> = {
  unexpecting: {
    expect: { to: 'listening', actions: ['look'] },
  },
  listening: {
    silent: { to: 'asking', actions: ['tellSilent', 'ask'] },
    rest: { to: 'unexpecting', actions: ['stopLooking'] },
    end: { to: 'unexpecting', actions: ['stopLooking'] },
  },
  asking: {
    heard: { to: 'listening', actions: ['tellHeard'] },
    answered: { to: 'waiting', actions: ['askLater'] },
    unanswered: { to: 'waiting', actions: ['askSoon'] },
    lost: { to: 'unexpecting', actions: ['stopLooking', 'lose'] },
    rest: { to: 'unexpecting', actions: ['stopLooking', 'tellHeard'] },
    end: { to: 'unexpecting', actions: ['stopLooking'] },
  },
  waiting: {
    heard: { to: 'listening', actions: ['stopAsking', 'tellHeard'] },
    again: { to: 'asking', actions: ['ask'] },
    rest: { to: 'unexpecting', actions: ['stopLooking', 'stopAsking', 'tellHeard'] },
    end: { to: 'unexpecting', actions: ['stopLooking', 'stopAsking'] },
  },
};
