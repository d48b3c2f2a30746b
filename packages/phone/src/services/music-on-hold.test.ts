import { pcmu, tone, ToneSource } from '@switchhook/media';
import { simulatedContext } from '@switchhook/sim';
import { InviteSessions, UserAgent } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import type { CallMedia } from '../media.ts';
import { MachineMedia } from '../node/machine-media.ts';
import { answering, Ear, TestHouse } from '../phone.testing.ts';
import type { TestPhone } from '../phone.testing.ts';
import { MusicServerStandIn } from './music-server.testing.ts';

let house: TestHouse;
let alice: TestPhone;
let bob: TestPhone;
let server: MusicServerStandIn;

beforeEach(async () => {
  house = new TestHouse();
  // There is no exchange that would prove who calls.
  alice = await house.phone('alice', { permissions: { identity: 'claimed' } });
  bob = await house.phone('bob', { permissions: { identity: 'claimed' } });
  server = new MusicServerStandIn(house);
  await server.start();
});

afterEach(async () => {
  expect(server.calls).toBe(0);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
  await server.stop();
});

function outcomeOf<T>(promise: Promise<T>, milliseconds = 1_000): Promise<T | PhoneError> {
  return house.outcomeOf(promise, milliseconds);
}

async function connected(from: TestPhone, to: TestPhone): Promise<Call> {
  answering(to);
  const call = await outcomeOf(from.phone.call(to.uri));
  if (call instanceof PhoneError) throw call;
  return call;
}

test('the far end hears music, and is taken back; for the person it is the same call all the time', async () => {
  const call = await connected(bob, alice);
  expect(await outcomeOf(call.holdWithMusic(server.uri))).toBeUndefined();
  expect(call).toMatchObject({ state: 'connected', localHold: true, music: true });
  expect(alice.phone.calls[0]?.remote.name).toBe('music');
  expect(await house.heard(bob, alice)).toEqual(['silence', 'sound']);
  expect(bob.phone.calls).toEqual([call]);
  expect(await outcomeOf(call.resume())).toBeUndefined();
  expect(call).toMatchObject({ state: 'connected', localHold: false, music: false, active: true });
  expect(await house.heard(bob, alice)).toEqual(['sound', 'sound']);
  expect(alice.phone.calls.map(({ remote }) => remote.name)).toEqual(['bob']);
  await outcomeOf(call.hangUp());
  expect(alice.phone.calls).toEqual([]);
});

test('C2.3-08 a far end that wants no music is held in silence, and the call goes on', async () => {
  // Who is not proved to be somebody whom she lets replace a far end is refused.
  const carol = await house.phone('carol');
  const call = await connected(bob, carol);
  expect(await outcomeOf(call.holdWithMusic(server.uri))).toMatchObject({ failure: { status: 403 } });
  expect(call).toMatchObject({ state: 'connected', localHold: true, music: false });
  expect(await house.heard(bob, carol)).toEqual(['silence', 'silence']);
  expect(await outcomeOf(call.resume())).toBeUndefined();
  expect(await house.heard(bob, carol)).toEqual(['sound', 'sound']);
});

test('a server that is not there leaves the far end on hold', async () => {
  const call = await connected(bob, alice);
  const outcome = outcomeOf(call.holdWithMusic('sip:music@192.0.2.99'), 40_000);
  expect(await outcome).toMatchObject({ failure: { kind: 'unreachable' } });
  expect(call).toMatchObject({ state: 'connected', localHold: true, music: false });
  expect(await outcomeOf(call.resume())).toBeUndefined();
});

test('who hangs up while the far end hears music ends that, too', async () => {
  const call = await connected(bob, alice);
  await outcomeOf(call.holdWithMusic(server.uri));
  await outcomeOf(call.hangUp());
  expect([alice, bob].map(({ phone }) => phone.calls.length)).toEqual([0, 0]);
  expect(call.end).toEqual({ kind: 'hung-up', by: 'local' });
});

test('a far end that has given up waiting is gone when it is taken back', async () => {
  const call = await connected(bob, alice);
  await outcomeOf(call.holdWithMusic(server.uri));
  await outcomeOf(alice.phone.calls[0]?.hangUp() ?? Promise.resolve());
  expect(await outcomeOf(call.resume())).toMatchObject({ failure: { status: 403 } });
  expect(call.end).toEqual({ kind: 'hung-up', by: 'remote' });
});

describe('where the server takes calls and no REFER (RFC 7088)', () => {
  let music: TestPhone;

  beforeEach(async () => {
    music = await house.phone(
      'tune',
      {},
      { microphone: new ToneSource(tone('700', 'continuous'), { sampleRate: 8_000 }) },
    );
    answering(music);
  });

  test('the call stays, the far end hears the server, and is taken from hold', async () => {
    const call = await connected(bob, alice);
    const before = house.network.trace.entries.length;
    expect(await outcomeOf(call.holdWithMusic(music.uri))).toBeUndefined();
    expect(call).toMatchObject({ state: 'connected', localHold: true, music: true });
    expect(await house.heard(bob, alice, music)).toEqual(['silence', 'sound', 'silence']);
    expect(alice.phone.calls.map(({ remote, remoteHold }) => [remote.name, remoteHold])).toEqual([['bob', true]]);
    const sent = house.network.trace.entries.slice(before).filter(({ from }) => from.host === 'bob');
    const asking = sent.find(({ text }) => text.startsWith('INVITE') && text.includes('Content-Length: 0'))?.text ?? '';
    expect(asking).toMatch(/^Contact: .*;\+sip\.rendering="no"\r$/m);
    const versions = sent.flatMap(({ text }) => {
      const isToAlice = /^(INVITE|ACK) sip:alice/.test(text);
      const [, id, version] = /^o=\S+ (\d+) (\d+)/m.exec(text) ?? [];
      return isToAlice && version !== undefined ? [[id, Number(version)]] : [];
    });
    const offered = sent.find(({ text }) => text.startsWith('INVITE sip:tune'))?.text ?? '';
    expect(offered).toContain('a=recvonly');
    expect(offered).toMatch(/^c=IN IP4 192\.0\.2\.1\r$/m);
    const answer = sent.findLast(({ text }) => text.startsWith('ACK sip:alice'))?.text ?? '';
    expect(answer).toContain('a=sendonly');
    expect(answer).toMatch(/^c=IN IP4 192\.0\.2\.3\r$/m);
    // One session, each version one higher than the last (RFC 3264 8).
    expect(new Set(versions.map(([id]) => id)).size).toBe(1);
    for (const [index, [, version]] of versions.entries()) expect(version).toBe(Number(versions[0]?.[1]) + index);
    expect(await outcomeOf(call.resume())).toBeUndefined();
    expect(call).toMatchObject({ localHold: false, music: false, active: true });
    expect(await house.heard(bob, alice)).toEqual(['sound', 'sound']);
    expect(music.phone.calls).toEqual([]);
    await outcomeOf(call.hangUp());
  });

  test('a far end that knows no Replaces is not asked for what it cannot do: it hears the server where it is', async () => {
    const host = house.network.host('plain', ['192.0.2.9']);
    const context = simulatedContext('plain', house.context.clock);
    const ear = new Ear();
    const opened: CallMedia[] = [];
    const media = new MachineMedia(context, {
      codecs: [pcmu],
      network: host.ports(),
      address: '192.0.2.9',
      microphone: new ToneSource(tone('500', 'continuous'), { sampleRate: 8_000 }),
      loudspeaker: ear,
    });
    const agent = new UserAgent(context, {
      address: '<sip:plain@192.0.2.9>',
      transports: [host.transport('UDP')],
      resolver: { resolve: ({ host: address }) => [{ protocol: 'UDP', address, port: 5060 }] },
    });
    const sessions = new InviteSessions(agent, {
      media: (secure) => {
        const call = media.open(secure);
        opened.push(call);
        return call.negotiation;
      },
      incoming: (invite) => {
        for (const call of opened) call.connected = true;
        void invite.accept();
      },
    });
    agent.install(sessions);
    await agent.start();
    const call = await outcomeOf(bob.phone.call('sip:plain@192.0.2.9'));
    if (call instanceof PhoneError) throw call;
    const before = house.network.trace.entries.length;
    // It would take a REFER, and would call who cannot be taken over.
    expect(await outcomeOf(call.holdWithMusic(music.uri))).toBeUndefined();
    expect(call).toMatchObject({ state: 'connected', localHold: true, music: true });
    const sent = house.network.trace.entries.slice(before).filter(({ from }) => from.host === 'bob');
    expect(sent.filter(({ text }) => text.startsWith('REFER') || /^Replaces:/m.test(text))).toEqual([]);
    expect(sessions.stats().sessions).toBe(1);
    await house.play(500);
    ear.heard.length = 0;
    await house.play(500);
    expect(ear.peak).toBeGreaterThan(0);
    expect(await outcomeOf(call.resume())).toBeUndefined();
    expect(music.phone.calls).toEqual([]);
    await outcomeOf(call.hangUp());
    expect(sessions.stats()).toEqual({ sessions: 0, outgoing: 0, incoming: 0 });
    await media.stop();
    await agent.stop();
  });

  test('a far end that holds, too, and resumes, hears it again', async () => {
    const call = await connected(bob, alice);
    await outcomeOf(call.holdWithMusic(music.uri));
    const [theirs] = alice.phone.calls;
    expect(await outcomeOf(theirs?.hold() ?? Promise.resolve())).toBeUndefined();
    expect(await house.heard(alice)).toEqual(['silence']);
    expect(await outcomeOf(theirs?.resume() ?? Promise.resolve())).toBeUndefined();
    expect(await house.heard(alice)).toEqual(['sound']);
    expect(call.music).toBe(true);
    await outcomeOf(call.hangUp());
    expect(music.phone.calls).toEqual([]);
  });

  test('who hangs up ends both calls, whichever of the two that are held or hold it is', async () => {
    answering(alice);
    for (const leaves of [bob, alice]) {
      const call = await outcomeOf(bob.phone.call(alice.uri));
      if (call instanceof PhoneError) throw call;
      await outcomeOf(call.holdWithMusic(music.uri));
      expect(call.music).toBe(true);
      await outcomeOf(leaves.phone.calls[0]?.hangUp() ?? Promise.resolve());
      expect([alice, bob, music].map(({ phone }) => phone.calls.length)).toEqual([0, 0, 0]);
    }
  });

  test('a server that hangs up leaves the far end on hold in silence', async () => {
    const call = await connected(bob, alice);
    await outcomeOf(call.holdWithMusic(music.uri));
    await outcomeOf(music.phone.calls[0]?.hangUp() ?? Promise.resolve());
    expect(call).toMatchObject({ state: 'connected', localHold: true, music: false });
    expect(await outcomeOf(call.resume())).toBeUndefined();
    expect(await house.heard(bob, alice)).toEqual(['sound', 'sound']);
  });

  test('a server that is busy: in silence', async () => {
    music.phone.doNotDisturb = 'busy';
    const call = await connected(bob, alice);
    expect(await outcomeOf(call.holdWithMusic(music.uri))).toMatchObject({ failure: { kind: 'busy' } });
    expect(call).toMatchObject({ state: 'connected', localHold: true, music: false });
    expect(await outcomeOf(call.resume())).toBeUndefined();
    expect(await house.heard(bob, alice)).toEqual(['sound', 'sound']);
  });
});

test('the REFER and the INVITE that takes back carry what RFC 5359 2.3 has in F8 and F19', async () => {
  const call = await connected(bob, alice);
  const before = house.network.trace.entries.length;
  await outcomeOf(call.holdWithMusic(server.uri));
  await outcomeOf(call.resume());
  const sent = house.network.trace.entries.slice(before).filter(({ from }) => from.host === 'bob');
  const refer = sent.find(({ text }) => text.startsWith('REFER'))?.text ?? '';
  expect(refer).toMatch(/^Refer-To: <sip:alice@192\.0\.2\.1[^>]*\?Replaces=[^&]*&Require=replaces>\r$/m);
  expect(refer).toContain(`Referred-By: <${bob.uri}>`);
  const back = sent.find(({ text }) => text.startsWith('INVITE') && text.includes('\r\nReplaces:'))?.text ?? '';
  const music = house.network.trace.entries
    .slice(before)
    .find(({ from, text }) => from.host === 'music' && text.startsWith('INVITE'));
  expect(back).toMatch(/^Require: replaces\r$/m);
  expect(/^Replaces: ([^;]+)/m.exec(back)?.[1]).toBe(/^Call-ID: (.+)\r$/m.exec(music?.text ?? '')?.[1]);
});
