import type { DatagramPort } from '@switchhook/media';
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

test('a stranger who names the address of somebody else has nothing sent there before that one has sent', async () => {
  const victim = '198.51.100.9';
  const stranger = await stage.phone('mallory', { stranger: true, namesAddress: victim });
  const packets: number[] = [];
  const invite = stranger.call('announcement');
  const ports = stage.network.host('victim', [victim]).ports();
  const outcome = await stage.of(invite.outcome);
  if (outcome.kind !== 'answered') throw new Error(outcome.kind);
  const described = (start: string): string =>
    stage.network.trace.entries.map(({ text }) => text).find((text) => text.startsWith(start) && text.includes('m=')) ??
    '';
  const portIn = (text: string): number => Number(/^m=audio (\d+)/m.exec(text)?.[1]);
  const [offer, answer] = [described('INVITE'), described('SIP/2.0 200')];
  expect(offer).toContain(`c=IN IP4 ${victim}`);
  // Whoever it is, is asked to send; and yet nothing that is heard here is played anywhere.
  expect(answer).not.toContain('a=sendonly');
  expect(answer).toContain('+sip.rendering="no"');
  const heard = async (port: number): Promise<DatagramPort> => {
    const bound = await ports.bind(victim, port, (data) => packets.push(data[1] ?? 0));
    if (bound === undefined) throw new Error('no port');
    return bound;
  };
  const own = await heard(portIn(offer));
  const control = await heard(portIn(offer) + 1);
  await stage.pass(30_000);
  expect(packets).toEqual([]);
  // What the stranger has sent meanwhile, from its own address, shows nothing of the other one.
  const rtp = Uint8Array.from({ length: 172 }, (_, index) => [0x80, 0, 0, 1][index] ?? 0xff);
  own.send(rtp, portIn(answer), '192.0.2.1');
  await stage.until(() => outcome.session.end !== undefined);
  const { samples } = await readRecording(new URL('../../recordings/unavailable.wav', import.meta.url).pathname);
  // All of it, from its first word: nothing was played to nobody.
  expect(packets.length).toBeGreaterThanOrEqual(samples.length / 160);
  own.close();
  control.close();
});

test.each([
  ['a stranger who has not been heard', true, 0],
  ['a subscriber, who is known', false, 1],
])('an address that is not the one that a call came from: %s', async (_, isStranger, least) => {
  const elsewhere = '198.51.100.9';
  const phone = await stage.phone('alice', { stranger: isStranger, namesAddress: elsewhere });
  const session = await phone.talk('announcement');
  const offer = stage.network.trace.entries.map(({ text }) => text).find((text) => text.includes('m=audio')) ?? '';
  let packets = 0;
  const bound = await stage.network
    .host('elsewhere', [elsewhere])
    .ports()
    .bind(elsewhere, Number(/^m=audio (\d+)/m.exec(offer)?.[1]), () => (packets += 1));
  await stage.pass(2_000);
  expect(Math.min(packets, 1)).toBe(least);
  bound?.close();
  await stage.of(session.hangUp());
});

test('who is on the line for longer than anybody listens is hung up on', async () => {
  const alice = await stage.phone('alice');
  const session = await alice.talk('announcement');
  await stage.of(session.hold('inactive'));
  await stage.pass(590_000);
  expect(session.end).toBeUndefined();
  await stage.pass(15_000);
  expect(session.end).toMatchObject({ kind: 'remote' });
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
