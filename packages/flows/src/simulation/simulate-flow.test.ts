import { describe, expect, test } from 'vitest';
import type { FlowScript } from '../flow/flow-script.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { endure } from './endurance.ts';
import { simulateFlow } from './simulate-flow.ts';

describe.each(flowScripts.map((script) => [script.flow, script] as const))('%s in the simulator', (_, script) => {
  test('is the same every time for a seed', async () => {
    const told = async (): Promise<string[]> => {
      const { conversation } = await simulateFlow(script, { seed: 7, protocol: 'UDP', link: { jitter: 9 } });
      return conversation.messages.map(({ time, from, to, text }) => `${time} ${from} ${to} ${text}`);
    };
    expect(await told()).toEqual(await told());
  });

  test('comes to a right end on a network that loses, doubles and reorders', async () => {
    expect(
      await endure(
        script,
        Array.from({ length: 8 }, (_each, seed) => seed + 1),
      ),
    ).toEqual([]);
  });
});

test('what is left over, or does not come to its end, is told with the command that plays it again', async () => {
  const script: FlowScript = {
    flow: '2.1',
    async play(stage) {
      const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
      await Promise.all([alice.call(bob), bob.answer()]);
    },
  };
  const [breakdown] = await endure(script, [1]);
  expect(breakdown?.parameters).toBe('flow 2.1 --bad-network --seed 1 --misfortunes none');
  expect(breakdown?.problems).toContain('left over: alice: 1 calls');
  const special = {
    protocol: 'TCP',
    link: { loss: 0.1 },
    addressFamily: 6,
    optionalMessages: false,
    pictures: ['alice'],
  } as const;
  const [another] = await endure(script, [2], special);
  expect(another?.parameters).toBe(
    'flow 2.1 --transport tcp --loss 10% --ip 6 --without-optional --streams 2 --seed 2 --misfortunes none',
  );
  const stuck: FlowScript = { ...script, play: (stage) => stage.phone('bob').hold(stage.phone('alice')) };
  expect((await endure(stuck, [1]))[0]?.problems).toEqual(['not played to the end: bob has no call with alice']);
});
