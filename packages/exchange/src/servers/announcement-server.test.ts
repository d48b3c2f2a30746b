import type { InviteSession, OutgoingInvite, SipResponse } from '@switchhook/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRecording } from './recording.ts';
import { nothingLeft, ServersStage } from './servers-stage.testing.ts';
import type { Telephone } from './servers-stage.testing.ts';

let stage: ServersStage;

beforeEach(async () => {
  stage = await ServersStage.set({ announcement: {} });
});

afterEach(async () => {
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});

/** Listens to the end, which is the server's to make. */
async function listened(phone: Telephone, target: string): Promise<InviteSession> {
  const session = await phone.talk(target);
  await stage.until(() => session.end !== undefined);
  expect(session.end?.kind).toBe('remote');
  return session;
}

/** Where what was heard has that part first; -1 where it has it nowhere. */
function placeOf(part: Int16Array, heard: readonly number[]): number {
  return heard.findIndex((_, place) => part.every((sample, index) => heard[place + index] === sample));
}

async function refusal(invite: OutgoingInvite): Promise<SipResponse> {
  const outcome = await stage.of(invite.outcome);
  if (outcome.kind !== 'refused') throw new Error(outcome.kind);
  return outcome.response;
}

test.each([
  ['UDP', false],
  ['TLS and SRTP', true],
])('plays what the address names from its first word to its last over %s, and hangs up', async (_, secure) => {
  const alice = await stage.phone('alice', { secure });
  const target = `${alice.uri('announcement')};play=screened-incoming`;
  await listened(alice, target);
  const { samples } = await readRecording(new URL('../../recordings/screened-incoming.wav', import.meta.url).pathname);
  // Behind where the sound joins the silence before it. It is mu-law already: the way over PCMU takes nothing away.
  const rest = samples.subarray(800);
  const place = placeOf(rest.subarray(0, 400), alice.ear.heard);
  expect(place).toBeGreaterThanOrEqual(800);
  expect(Int16Array.from(alice.ear.heard).subarray(place, place + rest.length)).toEqual(rest);
});

test('says in its Contact that it is a machine which hears nothing, and may hang up', async () => {
  const alice = await stage.phone('alice');
  const invite = alice.call('announcement');
  const outcome = await stage.of(invite.outcome);
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  const target = outcome.session.dialog.remoteTarget.toString();
  expect(target).toBe('sip:announcement@example.com');
  const contact = stage.network.trace.entries
    .map(({ text }) => text)
    .find((text) => text.startsWith('SIP/2.0 200') && text.includes('INVITE') && text.includes('automata'));
  expect(contact).toMatch(/^Contact: <sip:announcement@example\.com>;automata;\+sip\.rendering="no"\r$/m);
  expect(contact).toContain('a=sendonly');
  await stage.until(() => outcome.session.end !== undefined);
});

test('without a name it says that nobody can take the call, and a name that is none gets 404', async () => {
  const alice = await stage.phone('alice');
  await listened(alice, 'announcement');
  expect(alice.ear.heard.length).toBeGreaterThan(8000);
  for (const name of ['no-such-thing', '../recordings/busy', '%00']) {
    expect((await refusal(alice.call(`${alice.uri('announcement')};play=${encodeURIComponent(name)}`))).status).toBe(
      404,
    );
  }
});

test('strangers hear announcements, too: theirs are the calls that are screened', async () => {
  const stranger = await stage.phone('stranger', { stranger: true });
  await listened(stranger, 'announcement');
});

test('who is on the line for longer than anybody listens is hung up on', async () => {
  const alice = await stage.phone('alice');
  const session = await alice.talk('announcement');
  await stage.of(session.hold('inactive'));
  await stage.pass(590_000);
  expect(session.end).toBeUndefined();
  await stage.until(() => session.end !== undefined);
});

test('of more callers than it may have the last ones get 480', async () => {
  const crowded = await ServersStage.set({ announcement: {}, calls: 2 });
  const alice = await crowded.phone('alice');
  const sessions = [await alice.talk('announcement'), await alice.talk('announcement')];
  const third = await crowded.of(alice.call('announcement').outcome);
  expect(third).toMatchObject({ kind: 'refused', response: { status: 480 } });
  await crowded.until(() => sessions.every(({ end }) => end !== undefined));
  await alice.talk('announcement');
  expect(await crowded.leftOvers()).toEqual(nothingLeft);
});

test('strangers take half of its room and no more: subscribers hear announcements still', async () => {
  const crowded = await ServersStage.set({ announcement: {}, calls: 4 });
  const stranger = await crowded.phone('mallory', { stranger: true });
  const alice = await crowded.phone('alice');
  const sessions = [await stranger.talk('announcement'), await stranger.talk('announcement')];
  expect(await crowded.of(stranger.call('announcement').outcome)).toMatchObject({ response: { status: 480 } });
  sessions.push(await alice.talk('announcement'));
  await crowded.until(() => sessions.every(({ end }) => end !== undefined));
  expect(await crowded.leftOvers()).toEqual(nothingLeft);
});

test('one on another machine is where refused calls are sent, and none runs here', async () => {
  const elsewhere = 'sip:ann@ms.example.com;transport=tcp?Subject=x';
  const other = await ServersStage.set({ announcement: { at: elsewhere }, park: {} });
  const alice = await other.phone('alice');
  const refused = await other.of(alice.call('701').outcome);
  if (refused.kind !== 'refused') throw new Error(refused.kind);
  expect(refused.response.raw('Error-Info')).toBe('<sip:ann@ms.example.com;transport=tcp;play=nothing-parked>');
  expect(await other.of(alice.call('announcement').outcome)).toMatchObject({ response: { status: 404 } });
  expect(await other.leftOvers()).toEqual(nothingLeft);
});
