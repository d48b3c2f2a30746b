import { describe, expect, test } from 'vitest';
import { callHold } from '../flow/call-hold.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { findFlow } from '../oracle/oracle.ts';
import { planCrash, printCrash, readCrash } from './crash.ts';
import { endure } from './endurance.ts';
import type { EnduranceOptions } from './endurance.ts';
import { SimulatedStage } from './simulated-stage.ts';

const network: EnduranceOptions = { protocol: 'UDP', link: { delay: 10 }, listenTime: 600, sound: 'coarse' };
const seeds = [1, 2, 3];

describe.each(flowScripts.map((script) => [script.flow, script] as const))('%s', (_, script) => {
  test('leaves nobody with a call that only he has, whoever crashes', async () => {
    expect(await endure(script, seeds, { ...network, crashing: 'any' })).toEqual([]);
  });
});

test.each(['TCP', 'TLS'] as const)('a crash is noticed over %s, too', async (protocol) => {
  for (const crashing of ['alice', 'proxy', 'bob'])
    expect(await endure(callHold, seeds, { ...network, protocol, crashing })).toEqual([]);
});

test('whoever talks to a phone that has crashed is told within a minute that the call is lost', async () => {
  const flow = findFlow('2.1');
  if (flow === undefined) throw new Error('no flow');
  const stage = new SimulatedStage(flow, { ...network, crash: { element: 'alice', at: 2_000, downFor: 500 } });
  const [alice, bob] = [stage.person('alice'), stage.person('bob')];
  const ends: (readonly [string, number])[] = [];
  bob.phone.onEvent((event) => {
    if (event.kind !== 'call' || event.event.kind !== 'ended') return;
    ends.push([event.event.end.kind, Math.floor(stage.clock.now() / 60_000)]);
  });
  const { leftOvers } = await stage.play({
    async play() {
      await Promise.all([alice.call(bob), bob.answer()]);
      await new Promise(() => undefined);
    },
  });
  expect(leftOvers).toEqual([]);
  expect(ends).toEqual([['lost', 0]]);
});

test('a crash is planned the same every time, and read as it is printed', async () => {
  const crash = await planCrash(callHold, 'any', { ...network, seed: 9 });
  expect(await planCrash(callHold, 'any', { ...network, seed: 9 })).toEqual(crash);
  expect(readCrash(printCrash(crash))).toEqual(crash);
  for (const wrong of ['alice', 'alice@1', 'alice@x+1', '@1+1']) expect(readCrash(wrong), wrong).toBeUndefined();
});
