import { NameAddr, SipUri } from '@switchhook/sip';
import type { HeaderInit } from '@switchhook/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nothingLeft, ServersStage } from './servers-stage.testing.ts';

let stage: ServersStage;

beforeEach(async () => {
  stage = await ServersStage.set({ music: {} });
});

afterEach(async () => {
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});

test('plays to whomever the offer of a holder names, and stops when he hangs up (RFC 7088)', async () => {
  const bob = await stage.phone('bob');
  const session = await bob.talk('music');
  await stage.pass(2_000);
  expect(bob.level(1_000)).toBeGreaterThan(-30);
  await stage.of(session.hangUp());
  const heard = bob.ear.heard.length;
  await stage.pass(2_000);
  expect(bob.ear.heard.length).toBe(heard);
});

test('who is held may want no sound for a while: the music stops, and goes on when he does', async () => {
  const bob = await stage.phone('bob');
  const session = await bob.talk('music');
  await stage.pass(1_000);
  await stage.of(session.hold('inactive'));
  await stage.pass(200);
  const heard = bob.ear.heard.length;
  await stage.pass(3_000);
  expect(bob.ear.heard.length).toBe(heard);
  expect(session.end).toBeUndefined();
  await stage.of(session.resume());
  await stage.pass(2_000);
  expect(bob.level(1_000)).toBeGreaterThan(-30);
  await stage.of(session.hangUp());
});

test('is a machine that never hangs up and hears nothing, and says so', async () => {
  const bob = await stage.phone('bob');
  const session = await bob.talk('music');
  const answer = stage.network.trace.entries
    .map(({ text }) => text)
    .find((text) => text.startsWith('SIP/2.0 200') && text.includes('+sip.byeless'));
  expect(answer).toMatch(/^Contact: <sip:music@example\.com>;automata;\+sip\.rendering="no";\+sip\.byeless\r$/m);
  await stage.of(session.hangUp());
});

test.each([
  ['UDP', false],
  ['TLS and SRTP', true],
])(
  'takes the place of a holder who refers it, tells him the dialog, and he takes the call back, over %s',
  async (_, secure) => {
    const alice = await stage.phone('alice', { secure });
    const bob = await stage.phone('bob', { secure });
    const [, bobs] = await alice.reach(bob, 'bob');
    await stage.of(bobs.hold('inactive'));
    const referral = bob.refer('music', bobs);
    const outcome = await stage.of(referral.outcome);
    expect(outcome).toMatchObject({ kind: 'succeeded', status: 200 });
    await stage.until(() => bobs.end !== undefined);
    await stage.pass(2_000);
    expect(alice.level(1_000)).toBeGreaterThan(-30);
    const invite = stage.network.trace.entries
      .map(({ text }) => text)
      .findLast((text) => text.startsWith('INVITE') && text.includes('Replaces:'));
    expect(invite).toMatch(/^Contact: <sips?:music@example\.com>;automata;\+sip\.byeless;\+sip\.rendering="no"\r$/m);
    expect(invite).toMatch(/^Referred-By: <sips?:bob@example\.com>\r$/m);
    expect(invite).toContain('Require: replaces');
    expect(invite).toContain('a=sendonly');
    if (outcome.kind !== 'succeeded' || outcome.dialog === undefined) throw new Error('it names no dialog');
    const { callId, from, to, contact } = outcome.dialog;
    const [music] = alice.replacedBy;
    expect(music?.dialog.callId).toBe(callId);
    const back = bob.replace(
      String(contact?.uri),
      callId,
      to.parameters.get('tag') ?? '',
      from.parameters.get('tag') ?? '',
    );
    expect(await stage.of(back.outcome)).toMatchObject({ kind: 'answered' });
    await stage.until(() => music?.end?.kind === 'replaced');
    // The server said goodbye to nobody.
    const byes = stage.network.trace.entries.filter(
      ({ text, from: { host } }) => host === 'exchange' && text.startsWith('BYE'),
    );
    expect(byes.filter(({ text }) => text.includes('From: <sip:music@'))).toEqual([]);
    await stage.of(Promise.all(alice.replacedBy.map((session) => session.hangUp())));
  },
);

test('who is held changes the codec by an offer of his own, there and back, and hears the music in each', async () => {
  const alice = await stage.phone('alice');
  const bob = await stage.phone('bob');
  const [, bobs] = await alice.reach(bob, 'bob');
  expect(await stage.of(bob.refer('music', bobs).outcome)).toMatchObject({ kind: 'succeeded' });
  const [held] = alice.replacedBy;
  if (held === undefined) throw new Error('she is not held');
  for (const codec of ['PCMA', 'PCMU', 'PCMA']) {
    alice.codec = codec;
    expect(await stage.of(held.reoffer())).toMatchObject({ kind: 'done' });
    await stage.pass(2_000);
    expect(alice.level(1_000)).toBeGreaterThan(-30);
  }
  await stage.of(held.hangUp());
});

test('who is held may refuse the music: all is as it was, and the holder hears why', async () => {
  const alice = await stage.phone('alice');
  const bob = await stage.phone('bob');
  const [alices, bobs] = await alice.reach(bob, 'bob');
  alice.refusesReplaces = true;
  expect(await stage.of(bob.refer('music', bobs).outcome)).toMatchObject({ kind: 'failed', status: 403 });
  expect([alices.end, bobs.end]).toEqual([undefined, undefined]);
  await stage.of(alices.hangUp());
});

test.each([
  ['a stranger', 'stranger', undefined],
  ['somebody in the name of another', 'bob', 'sip:carol@example.com'],
])('is not referred by %s', async (_, user, referredBy) => {
  const alice = await stage.phone('alice');
  const bob = await stage.phone(user, { stranger: user === 'stranger' });
  const [bobs, alices] = await bob.reach(alice, 'alice');
  const referral = bob.refer('sip:music@example.com', bobs, { ...(referredBy !== undefined && { referredBy }) });
  expect(await stage.of(referral.outcome)).toMatchObject({ kind: 'refused', response: { status: 403 } });
  expect(alices.end).toBeUndefined();
  await stage.of(bobs.hangUp());
});

test('calls nobody who is in no call', async () => {
  const bob = await stage.phone('bob');
  const carol = await stage.phone('carol');
  const referral = bob.referrals.refer({
    target: SipUri.of({ scheme: 'sip', user: 'music', host: 'example.com' }),
    referTo: NameAddr.of({ uri: 'sip:carol@example.com' }),
  });
  expect(await stage.of(referral.outcome)).toMatchObject({ kind: 'refused', response: { status: 403 } });
  expect(carol.arrived).toEqual([]);
});

test('nobody but subscribers of its domain is served', async () => {
  const stranger = await stage.phone('stranger', { stranger: true });
  const asserted: HeaderInit = ['P-Asserted-Identity', '<sip:alice@example.com>'];
  for (const headers of [[], [asserted]]) {
    const outcome = await stage.of(stranger.sessions.invite({ target: 'sip:music@example.com', headers }).outcome);
    expect(outcome).toMatchObject({ kind: 'refused', response: { status: 403 } });
  }
});

test('C2.3-11 who vanishes without a word is missed by the session timer, and is sent no BYE', async () => {
  const bob = await stage.phone('bob', { sessionInterval: 90 });
  await bob.talk('music');
  await bob.agent.stop();
  stage.phones.splice(0);
  bob.engine.stop();
  expect(stage.exchange.stats().servers).toBeGreaterThan(0);
  // It ends a third before its time is over (RFC 4028 10).
  await stage.pass(50_000);
  expect(stage.exchange.stats().servers).toBeGreaterThan(0);
  await stage.pass(80_000);
  expect(stage.exchange.stats().servers).toBe(0);
  expect(stage.network.trace.entries.filter(({ text }) => text.startsWith('BYE'))).toEqual([]);
});
