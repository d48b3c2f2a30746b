import type { Misfortune } from '@switchhook/sim';
import type { Transport } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { automaticRedial } from '../flow/automatic-redial.ts';
import { callForwardingUnconditional } from '../flow/call-forwarding.ts';
import { callHold } from '../flow/call-hold.ts';
import { callPark } from '../flow/call-park.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { musicOnHold } from '../flow/music-on-hold.ts';
import { unattendedTransfer } from '../flow/transfer.ts';
import { badNetwork } from './bad-network.ts';
import { bent } from './bent-transport.testing.ts';
import { problemsOf } from './problems.ts';
import { playInSimulator } from './simulate-flow.ts';
import { tellStory } from './story.ts';

/** What is wrong with a story in which people do something else than the flow has them do. */
async function problemsWhere(script: FlowScript, play: FlowScript['play']): Promise<readonly string[]> {
  return (await tellStory({ ...script, play }, { ...badNetwork, seed: 1 })).problems;
}

/** That so many of what goes from one to another are lost, from the given one on; of a connection, that one so often. */
function lost(
  way: string,
  first: number,
  count: number,
  family: Misfortune['family'] = 'message',
): readonly Misfortune[] {
  const [from = '', to = ''] = way.split(' to ');
  return Array.from({ length: count }, (_, index): Misfortune => {
    return { from, to, family, number: family === 'stream' ? first : first + index, kind: 'lost' };
  });
}

async function problemsAfter(script: FlowScript, misfortunes: readonly Misfortune[]): Promise<readonly string[]> {
  const told = await tellStory(script, { ...badNetwork, seed: 1, misfortunes });
  // Another story, in which that does not happen, would show nothing.
  expect(told.misfortunes).toEqual(misfortunes);
  return told.problems;
}

describe('what people do in a flow has to be said, however bad the network is', () => {
  test('a hold and its end', async () => {
    const problems = await problemsWhere(callHold, async (stage) => {
      const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
      await Promise.all([alice.call(bob), bob.answer()]);
      await stage.listen();
      await alice.hangUp(bob);
      await bob.ended(alice);
    });
    expect(problems).toEqual([
      'F10 message: expected INVITE(hold) from bob to proxy; found none',
      'F16 message: expected INVITE from bob to proxy; found none',
    ]);
  });

  test('the end of a hold, and not a second one', async () => {
    const problems = await problemsWhere(callHold, async (stage) => {
      const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
      await Promise.all([alice.call(bob), bob.answer()]);
      await stage.listen();
      await bob.hold(alice);
      await stage.listen();
      await alice.hangUp(bob);
      await bob.ended(alice);
    });
    expect(problems).toEqual(['F16 message: expected INVITE from bob to proxy; found none']);
  });

  test('a BYE, of whichever side is quicker', async () => {
    const played = await playInSimulator(callHold, { ...badNetwork, seed: 1 });
    expect(problemsOf(callHold, played)).toEqual([]);
    const { messages } = played.conversation;
    const isBye = ({ text }: { readonly text: string }): boolean => text.startsWith('BYE ');
    const without = { ...played.conversation, messages: messages.filter((said) => !isBye(said)) };
    expect(problemsOf(callHold, { ...played, conversation: without })).toEqual([
      'F22 message: expected BYE from alice to proxy; found none',
    ]);
    const byBob = await problemsWhere(callHold, async (stage) => {
      const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
      await Promise.all([alice.call(bob), bob.answer()]);
      await stage.listen();
      await bob.hold(alice);
      await stage.listen();
      await bob.resume(alice);
      await stage.listen();
      await bob.hangUp(alice);
      await alice.ended(bob);
    });
    expect(byBob).toEqual([]);
  });

  test('an ACK, though a network may lose every one of them', async () => {
    const alice = { transport: (own: Transport) => bent(own, (text) => (text.startsWith('ACK ') ? undefined : text)) };
    const { problems } = await tellStory(callHold, { ...badNetwork, seed: 1, parts: { alice } });
    expect(problems).toContainEqual(expect.stringMatching(/^not played to the end: /));
  });

  test('the REFER and what came of it', async () => {
    const problems = await problemsWhere(unattendedTransfer, async (stage) => {
      const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
      await Promise.all([bob.call(alice), alice.answer()]);
      await stage.listen();
      await alice.hangUp(bob);
      await Promise.all([bob.call(carol), carol.answer()]);
      await stage.listen();
    });
    expect(problems.join('\n')).toMatch(/^F5 message: expected REFER.* from alice to bob; found none$/m);
    expect(problems.join('\n')).toMatch(/^F15 message: expected NOTIFY.* from bob to alice; found none$/m);
  });
});

describe('whom the network lets no word through to for half a minute need not go on', () => {
  test.each([
    ['2xx whose ACK is lost between the proxy and either side', callHold, 7482],
    ['2xx whose ACK is lost between the proxy and either side, another time', callHold, 8258],
    ['INVITE for somebody who has no line in the ladder', automaticRedial, 1271],
    [
      'INVITE whose answers a connection keeps, so that it is tried again and found to be merged',
      callForwardingUnconditional,
      7878,
    ],
    ['INVITE whose answers a connection keeps until a server has given up', musicOnHold, 2955],
    ['INVITE that a connection keeps itself', callPark, 4575],
    ['NOTIFY whose answers are lost, so that no further one may follow (RFC 6665 4.2.2)', unattendedTransfer, 6071],
  ] as const)('a %s', async (_, script, seed) => {
    expect((await tellStory(script, { ...badNetwork, seed })).problems).toEqual([]);
  });

  test('but whoever takes half a minute himself to answer an INVITE is not excused', async () => {
    const played = await playInSimulator(musicOnHold, { ...badNetwork, seed: 2955 });
    const messages = played.conversation.messages.map((said) =>
      said.from === 'alice' && said.to === 'music-server' ? { ...said, time: said.arrived ?? said.time } : said,
    );
    const problems = problemsOf(musicOnHold, { ...played, conversation: { ...played.conversation, messages } });
    expect(problems).toContainEqual(expect.stringMatching(/^not played to the end: /));
  });

  test('nor is what somebody holds at the end', async () => {
    const played = await playInSimulator(musicOnHold, { ...badNetwork, seed: 2955 });
    const { conversation } = played;
    const problems = problemsOf(musicOnHold, { ...played, conversation, leftOvers: ['alice: 1 call'] });
    expect(problems).toEqual(['left over: alice: 1 call']);
  });

  test('but a proxy that keeps each ACK for itself is not excused', async () => {
    const played = await playInSimulator(callHold, { ...badNetwork, seed: 7482 });
    const messages = played.conversation.messages.map((said) =>
      said.text.startsWith('ACK ') && said.to === 'proxy' ? { ...said, arrived: said.time } : said,
    );
    const problems = problemsOf(callHold, { ...played, conversation: { ...played.conversation, messages } });
    expect(problems).toContainEqual(expect.stringMatching(/^not played to the end: /));
  });
});

describe('told what is lost', () => {
  test('nobody is asked for sound behind an ACK that never came', async () => {
    expect(await problemsAfter(musicOnHold, lost('bob to alice', 7, 12))).toEqual([]);
  });

  test('nor is whoever no BYE ever reaches asked for silence', async () => {
    const goodbyes = [...lost('alice to bob', 4, 1), ...lost('alice to bob', 6, 2), ...lost('alice to bob', 9, 3)];
    expect(await problemsAfter(unattendedTransfer, goodbyes)).toEqual([]);
  });

  test('nor behind one that acknowledges a refusal', async () => {
    expect(await problemsAfter(callHold, lost('proxy to alice', 4, 24))).toEqual([]);
  });

  test('an INVITE of one side is not taken for that which the other one numbers alike', async () => {
    expect(await problemsAfter(callHold, lost('proxy to bob', 6, 12))).toEqual([]);
  });

  test('whoever is taken back from music has gone from where he was, also where his goodbye is lost', async () => {
    expect(await problemsAfter(musicOnHold, lost('alice to bob', 4, 24))).toEqual([]);
  });

  test.each([
    ['alice to music-server', musicOnHold],
    ['alice to park-server', callPark],
  ] as const)('an INVITE too large for UDP goes over it when no connection comes to stand: %s', async (way, script) => {
    expect(await problemsAfter(script, lost(way, 1, 6, 'stream'))).toEqual([]);
  });
});

test.each([
  ['F22', musicOnHold, 'alice to music-server'],
  ['F18', automaticRedial, 'bob to alice'],
] as const)('%s may come late, but has to come', async (f, script, hop) => {
  const played = await playInSimulator(script, { ...badNetwork, link: {} });
  expect(problemsOf(script, played)).toEqual([]);
  const { messages } = played.conversation;
  const [from, to] = hop.split(' to ');
  const isIt = (said: (typeof messages)[number]): boolean =>
    said.from === from &&
    said.to === to &&
    (f === 'F22' ? said.text.startsWith('BYE ') : /^Subscription-State: terminated/m.test(said.text));
  const conversation = { ...played.conversation, messages: messages.filter((said) => !isIt(said)) };
  const problems = problemsOf(script, { ...played, conversation });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`${f} message: expected`);
  const later = messages.filter(isIt);
  expect(later).not.toEqual([]);
  expect(problemsOf(script, { ...played, conversation, later: () => later })).toEqual([]);
});
