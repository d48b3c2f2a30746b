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

test('is a machine that never hangs up and hears nothing, and says so', async () => {
  const bob = await stage.phone('bob');
  const session = await bob.talk('music');
  const answer = stage.network.trace.entries
    .map(({ text }) => text)
    .find((text) => text.startsWith('SIP/2.0 200') && text.includes('+sip.byeless'));
  expect(answer).toMatch(/^Contact: <sip:music@example\.com>;automata;\+sip\.byeless;\+sip\.rendering="no"\r$/m);
  await stage.of(session.hangUp());
});

test('nobody but subscribers of its domain is served', async () => {
  const stranger = await stage.phone('stranger', { stranger: true });
  const asserted: HeaderInit = ['P-Asserted-Identity', '<sip:alice@example.com>'];
  for (const headers of [[], [asserted]]) {
    const outcome = await stage.of(stranger.sessions.invite({ target: 'sip:music@example.com', headers }).outcome);
    expect(outcome).toMatchObject({ kind: 'refused', response: { status: 403 } });
  }
});

test('who vanishes without a word is missed by the session timer, and is sent no BYE', async () => {
  const bob = await stage.phone('bob');
  await bob.talk('music');
  await bob.agent.stop();
  stage.phones.splice(0);
  bob.engine.stop();
  expect(stage.exchange.stats().servers).toBeGreaterThan(0);
  await stage.pass(3_700_000);
  expect(stage.exchange.stats().servers).toBe(0);
  expect(stage.network.trace.entries.filter(({ text }) => text.startsWith('BYE'))).toEqual([]);
});
