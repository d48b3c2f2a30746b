import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callHold } from '../flow/call-hold.ts';
import { endure } from './endurance.ts';
import { badNetwork } from './bad-network.ts';
import { exhausted, forgetful } from './bent-transport.testing.ts';
import { printMisfortunes, readMisfortunes } from './misfortune-text.ts';
import { shrink } from './shrink.ts';
import type { SimulationOptions } from './simulation-options.ts';
import { tellStory } from './story.ts';

describe('shrink', () => {
  test('leaves exactly what is needed, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(60), { maxLength: 40 }), fc.func(fc.boolean()), async (all, isNeeded) => {
        const needed = all.filter((each) => isNeeded(each));
        const fails = (fewer: readonly number[]): Promise<boolean> =>
          Promise.resolve(needed.every((each) => fewer.includes(each)));
        expect(await shrink(all, fails)).toEqual(needed);
      }),
    );
  });

  test('where several lots fail, none of what is left can be spared', async () => {
    const fails = (fewer: readonly number[]): Promise<boolean> =>
      Promise.resolve([2, 9].every((each) => fewer.includes(each)) || [3, 4, 17].every((each) => fewer.includes(each)));
    const left = await shrink(
      Array.from({ length: 40 }, (_, index) => index),
      fails,
    );
    expect([
      [2, 9],
      [3, 4, 17],
    ]).toContainEqual(left);
  });

  test('asks no more often than it may', async () => {
    let asked = 0;
    const fails = (fewer: readonly number[]): Promise<boolean> => {
      asked += 1;
      return Promise.resolve(fewer.includes(0) && fewer.includes(99));
    };
    const left = await shrink(
      Array.from({ length: 100 }, (_, index) => index),
      fails,
      10,
    );
    expect(asked).toBe(10);
    expect(left).toEqual(expect.arrayContaining([0, 99]));
  });
});

test('misfortunes are read as they are printed, and nothing else is', () => {
  const text = 'alice:park-server:3:lost,b1:alice:rtp7:held,bob:alice:1:doubled,bob:alice:stream2:lost';
  const misfortunes = readMisfortunes(text);
  expect(misfortunes).toHaveLength(4);
  expect(printMisfortunes(misfortunes ?? [])).toBe(text);
  expect(readMisfortunes(printMisfortunes([]))).toEqual([]);
  for (const wrong of [
    '',
    'alice:bob:3',
    'alice:bob:x:lost',
    'alice:bob:3:eaten',
    'alice:bob:3:lost,',
    'alice:bob:tcp3:lost',
  ]) {
    expect(readMisfortunes(wrong), wrong).toBeUndefined();
  }
});

describe('a story', () => {
  test('told with all that has happened in it is the same', async () => {
    const { misfortunes } = await tellStory(callHold, { ...badNetwork, seed: 5 });
    expect(misfortunes.length).toBeGreaterThan(20);
    expect((await tellStory(callHold, { ...badNetwork, seed: 5, misfortunes })).misfortunes).toEqual(misfortunes);
  });

  test('of a phone that says nothing twice shrinks to the one message that it had to', async () => {
    const broken: SimulationOptions = { ...badNetwork, parts: { alice: { transport: forgetful } } };
    const [breakdown] = await endure(callHold, [1, 2, 3, 4], broken);
    expect(breakdown).toBeDefined();
    const [, list = ''] = /--misfortunes (\S+)$/.exec(breakdown?.parameters ?? '') ?? [];
    const misfortunes = readMisfortunes(list) ?? [];
    expect(misfortunes).toHaveLength(1);
    expect(misfortunes[0]).toMatchObject({ family: 'message', kind: 'lost' });
    const seed = breakdown?.seed;
    const again = await tellStory(callHold, { ...broken, seed, misfortunes });
    expect(again.problems).toEqual(breakdown?.problems);
    expect((await tellStory(callHold, { ...broken, seed, misfortunes: [] })).problems).toEqual([]);
    expect((await tellStory(callHold, { ...badNetwork, seed, misfortunes })).problems).toEqual([]);
  });

  test('of a connection that is late is told again, and shrinks to the losses without each of which it is not', async () => {
    const broken: SimulationOptions = {
      protocol: 'TLS',
      link: { loss: 0.2 },
      sound: 'coarse',
      parts: { alice: { transport: exhausted } },
    };
    const breakdowns = await endure(callHold, [1, 2, 3], broken);
    expect(breakdowns.length).toBeGreaterThan(0);
    for (const { seed, problems, parameters } of breakdowns) {
      const [, list = ''] = /--misfortunes (\S+)$/.exec(parameters) ?? [];
      const misfortunes = readMisfortunes(list) ?? [];
      expect(misfortunes[0]).toMatchObject({ family: 'stream', kind: 'lost' });
      const problemsWith = async (fewer: SimulationOptions['misfortunes']): Promise<readonly string[]> =>
        (await tellStory(callHold, { ...broken, seed, misfortunes: fewer })).problems;
      expect(await problemsWith(misfortunes)).toEqual(problems);
      for (const spared of misfortunes)
        expect(await problemsWith(misfortunes.filter((each) => each !== spared))).not.toEqual(problems);
    }
  });
});

test('what is told to happen does, also where the network does nothing by itself', async () => {
  const misfortunes = readMisfortunes('alice:proxy:3:lost') ?? [];
  expect((await tellStory(callHold, { protocol: 'UDP', misfortunes })).misfortunes).toEqual(misfortunes);
});
