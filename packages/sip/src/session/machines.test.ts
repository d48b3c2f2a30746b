import { describe, expect, it } from 'vitest';
import type { Machine } from '../transaction/machine.ts';
import { incomingInviteMachine } from './incoming-invite-machine.ts';
import { modificationMachine } from './modification-machine.ts';
import { outgoingInviteMachine } from './outgoing-invite-machine.ts';
import { sessionMachine } from './session-machine.ts';

type AnyMachine = Machine<string, string, string>;

/** Every state that can be come to from the given ones. */
function reachable(machine: AnyMachine, ...from: string[]): Set<string> {
  const states = new Set(from);
  for (const state of states) for (const step of Object.values(machine[state] ?? {})) if (step) states.add(step.to);
  return states;
}

/** Every action of the steps from states where this side or the far end may end it into those where it is over. */
function stepsInto(machine: AnyMachine, over: string): (readonly string[])[] {
  return Object.values(machine).flatMap((row) =>
    Object.values(row).flatMap((step) => (step?.to === over ? [step.actions] : [])),
  );
}

const machines: readonly (readonly [string, AnyMachine, readonly string[], readonly string[]])[] = [
  ['session', sessionMachine, ['early'], ['ended']],
  ['modification', modificationMachine, ['offering', 'answering'], ['over']],
  ['outgoing INVITE', outgoingInviteMachine, ['initial'], ['answered', 'replaced', 'ended']],
  ['incoming INVITE', incomingInviteMachine, ['authorizing'], ['answered', 'ended']],
];

describe.each(machines)('the table of the %s', (_, machine, initial, final) => {
  it('can come to every state, and from every state to an end', () => {
    expect([...reachable(machine, ...initial)].sort()).toEqual(Object.keys(machine).sort());
    for (const state of Object.keys(machine)) {
      expect([...reachable(machine, state)].some((each) => final.includes(each))).toBe(true);
    }
  });

  it('goes from an end nowhere', () => {
    for (const state of final) expect([...reachable(machine, state)]).toEqual([state]);
  });
});

describe('what an end leaves behind', () => {
  it('is an outcome and closed media, of every INVITE of this side that comes to nothing', () => {
    for (const actions of stepsInto(outgoingInviteMachine, 'ended').filter((each) => each.join() !== 'takeFurther')) {
      expect(actions).toContain('dismissMedia');
      expect(actions.filter((action) => action.startsWith('tell'))).toHaveLength(1);
    }
  });

  it('is a final response to every INVITE of the far end, unless the agent stops, and nothing held', () => {
    for (const actions of [
      ...stepsInto(incomingInviteMachine, 'ended'),
      ...stepsInto(incomingInviteMachine, 'answered'),
    ]) {
      const answers = actions.filter((action) => /^(send|refuse)/.test(action));
      expect(actions).toContain('release');
      expect(answers).toHaveLength(actions.includes('tellStopped') || actions.join() === 'release' ? 0 : 1);
    }
  });

  it('is no session that can still be changed, and one BYE at most', () => {
    const { early, accepted, leaving, confirmed } = sessionMachine;
    for (const row of [early, accepted, leaving, confirmed]) {
      for (const step of Object.values(row)) {
        if (step.to !== 'ending' && step.to !== 'ended') continue;
        expect(step.actions).toContain('endModifications');
        expect(step.actions.includes('sendBye')).toBe(step.to === 'ending');
      }
    }
  });

  it('is a rollback after every offer that came to nothing', () => {
    for (const state of ['offering', 'answering', 'awaitingAnswer'] as const) {
      for (const [event, step] of Object.entries(modificationMachine[state])) {
        const isFailure = /^(un|glare|failure|lost|cancel|noAck)/.test(event);
        expect([state, event, step.actions.includes('rollback')]).toEqual([state, event, isFailure]);
      }
    }
  });
});
