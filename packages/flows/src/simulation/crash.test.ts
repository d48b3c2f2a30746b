import { describe, expect, test } from 'vitest';
import { callHold } from '../flow/call-hold.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { findFlow } from '../oracle/oracle.ts';
import { negotiating } from './changed-media.testing.ts';
import { planCrash, printCrash, readCrash } from './crash.ts';
import { endure } from './endurance.ts';
import type { EnduranceOptions } from './endurance.ts';
import { SimulatedStage } from './simulated-stage.ts';
import { tellStory } from './story.ts';

const network: EnduranceOptions = { protocol: 'UDP', link: { delay: 10 }, listenTime: 600, sound: 'coarse' };
const seeds = [1, 2, 3];

/** Alice calls Bob, and nobody does anything more. */
const talkForEver: FlowScript['play'] = async (stage) => {
  const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
  await Promise.all([alice.call(bob), bob.answer()]);
  await new Promise(() => undefined);
};

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
  const bob = stage.person('bob');
  const ends: (readonly [string, number])[] = [];
  bob.phone.onEvent((event) => {
    if (event.kind !== 'call' || event.event.kind !== 'ended') return;
    ends.push([event.event.end.kind, Math.floor(stage.clock.now() / 60_000)]);
  });
  const { leftOvers } = await stage.play({ play: talkForEver });
  expect(leftOvers).toEqual([]);
  expect(ends).toEqual([['lost', 0]]);
});

test('a silence that nobody notices is told, though the session timer ends the call in the end', async () => {
  const unwatched = negotiating(() => ({ lastReceived: undefined }));
  const crash = { element: 'alice', at: 2_000, downFor: 500 };
  const { problems } = await tellStory(
    { flow: '2.1', play: talkForEver },
    { ...network, crash, parts: { bob: { media: unwatched } } },
  );
  expect(problems).toEqual([
    'bob has heard nothing of sip:alice@atlanta.example.com for a minute, and still has the call',
  ]);
});

test('a crash is planned the same every time, and read as it is printed', async () => {
  const crash = await planCrash(callHold, 'any', { ...network, seed: 9 });
  expect(await planCrash(callHold, 'any', { ...network, seed: 9 })).toEqual(crash);
  expect(readCrash(printCrash(crash))).toEqual(crash);
  for (const wrong of ['alice', 'alice@1', 'alice@x+1', '@1+1']) expect(readCrash(wrong), wrong).toBeUndefined();
});
