import { fitSines, g722, levelOf, loadOpus, pcma, pcmu, tone, ToneSource } from '@switchhook/media';
import type { AudioCodec, AudioSink } from '@switchhook/media';
import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import type { SimulatedContext } from '@switchhook/sim';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallMedia, MediaRoom } from '../media.ts';
import { MachineMedia } from './machine-media.ts';

/** Keeps what it hears. */
class Ear implements AudioSink {
  readonly sampleRate: number;
  readonly heard: number[] = [];

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
  }

  write(frame: Int16Array): void {
    this.heard.push(...frame);
  }

  close(): void {
    this.heard.length = 0;
  }
}

/** Somebody with a note for a voice. */
interface Singer {
  readonly note: number;
  readonly ear: Ear;
  readonly media: MachineMedia;
}

/** A member of the house's room: his own end of the call, and the house's. */
interface Member extends Singer {
  readonly far: CallMedia;
  readonly near: CallMedia;
}

const opus = await loadOpus();

let context: SimulatedContext;
let network: SimulatedNetwork;
let house: Singer;
let room: MediaRoom;
let singers: Singer[];

beforeEach(async () => {
  context = simulatedContext(1);
  network = new SimulatedNetwork(context.clock, context.random, { link: { delay: 5 } });
  singers = [];
  house = singer(400, [opus, g722, pcmu, pcma], 48_000);
  room = house.media.room();
  room.connected = true;
  await play(0);
});

afterEach(async () => {
  room.close();
  for (const { media } of singers) {
    await media.stop();
    expect(media.stats()).toEqual({ streams: 0, devices: 0 });
  }
  expect(room.stats()).toEqual({ members: 0, persons: 0 });
  // What was on its way when the ports closed.
  await play(100);
  expect(context.clock.pending).toBe(0);
});

const play = (milliseconds: number): Promise<void> => context.clock.play(milliseconds);

function singer(note: number, codecs: readonly AudioCodec[], sampleRate: number): Singer {
  const address = `192.0.2.${String(singers.length + 1)}`;
  const ear = new Ear(sampleRate);
  const made: Singer = {
    note,
    ear,
    media: new MachineMedia(context, {
      codecs,
      address,
      network: network.host(String(note), [address]).ports(),
      microphone: new ToneSource(tone(String(note), 'continuous'), { sampleRate, level: -20 }),
      loudspeaker: ear,
    }),
  };
  singers.push(made);
  return made;
}

/** Calls the house, as a session would carry it. */
async function member(note: number, codec: AudioCodec): Promise<Member> {
  const caller = singer(note, [codec], codec.sampleRate);
  const far = caller.media.open(false);
  far.connected = true;
  const near = house.media.open(false);
  const made = { ...caller, far, near };
  await negotiate(made);
  return made;
}

async function negotiate({ far, near }: Member): Promise<void> {
  const answer = await near.negotiation.createAnswer(await far.negotiation.createOffer());
  if (typeof answer !== 'string') throw new Error(answer.reason);
  near.negotiation.commit();
  expect(await far.negotiation.acceptAnswer(answer)).toBe(undefined);
}

const notes = [400, 700, 1100, 1900, 2600];

/** What each hears within half a second, once what was on its way is through: the notes that are in it. */
async function heard(...listeners: Singer[]): Promise<number[][]> {
  await play(300);
  for (const { ear } of listeners) ear.heard.length = 0;
  await play(500);
  return listeners.map(({ ear }) => {
    const { sines } = fitSines(ear.heard, ear.sampleRate, notes);
    return notes.filter((_, index) => (sines[index]?.level ?? -127) > -40);
  });
}

/** Decibels between the voices that somebody should hear and everything else. */
function signalToNoise({ ear }: Singer, ...voices: readonly Singer[]): number {
  return fitSines(
    ear.heard,
    ear.sampleRate,
    voices.map(({ note }) => note),
  ).signalToNoise;
}

/** How sharply the waveform bends at its sharpest, from one sample to the next. */
function sharpestBend(samples: readonly number[]): number {
  return samples.reduce((sharpest, sample, index) => {
    const bend = sample - 2 * (samples[index - 1] ?? sample) + (samples[index - 2] ?? sample);
    return Math.max(sharpest, Math.abs(bend));
  }, 0);
}

test('each hears all others and the person, never himself, whatever he speaks', async () => {
  const members = [
    await member(700, pcmu),
    await member(1100, g722),
    await member(1900, opus),
    await member(2600, pcma),
  ];
  for (const { near } of members) room.add(near);
  await play(1_000);
  const everybody = [house, ...members];
  expect(await heard(...everybody)).toEqual(
    everybody.map(({ note }) => everybody.map((other) => other.note).filter((other) => other !== note)),
  );
  expect(room.stats()).toEqual({ members: 4, persons: 1 });
  // The noise is that of the codecs: Opus has 32 kbit/s for four notes that never end.
  for (const listener of everybody) {
    const others = everybody.filter((other) => other !== listener);
    const least = listener.note === 1900 ? 15 : 30;
    expect(signalToNoise(listener, ...others)).toBeGreaterThan(least);
  }
});

test('a member who is muted is not heard and hears; so does the person', async () => {
  const [bob, carol] = [await member(700, pcmu), await member(1100, pcmu)];
  room.add(bob.near);
  room.add(carol.near);
  room.setMuted(bob.near, true);
  expect(room.isMuted(bob.near)).toBe(true);
  expect(await heard(house, bob, carol)).toEqual([[1100], [400, 1100], [400]]);
  room.setMuted(bob.near, false);
  room.muted = true;
  expect(await heard(house, bob, carol)).toEqual([[700, 1100], [1100], [700]]);
  room.muted = false;
  expect(await heard(house, bob, carol)).toEqual([
    [700, 1100],
    [400, 1100],
    [400, 700],
  ]);
});

test('members hear each other where the person is not', async () => {
  const [bob, carol] = [await member(700, pcmu), await member(1100, pcmu)];
  room.add(bob.near);
  room.add(carol.near);
  room.connected = false;
  expect(await heard(house, bob, carol)).toEqual([[], [1100], [700]]);
  room.connected = true;
  room.muted = true;
  expect(await heard(house, bob, carol)).toEqual([[700, 1100], [1100], [700]]);
});

test('a member on hold neither hears nor is heard, and no RTP goes either way', async () => {
  const [bob, carol, dave] = [await member(700, pcmu), await member(1100, pcmu), await member(1900, pcmu)];
  for (const { near } of [bob, carol, dave]) room.add(near);
  await play(500);
  for (const end of [bob.far, bob.near]) end.negotiation.localHold = 'sendonly';
  await negotiate(bob);
  expect(await heard(house, bob, carol, dave)).toEqual([[1100, 1900], [], [400, 1900], [400, 1100]]);
  for (const end of [bob.far, bob.near]) end.negotiation.localHold = 'none';
  await negotiate(bob);
  expect(await heard(house, bob, carol, dave)).toEqual([
    [700, 1100, 1900],
    [400, 1100, 1900],
    [400, 700, 1900],
    [400, 700, 1100],
  ]);
});

test('who comes and goes is heard from and to that moment; who leaves is alone with the person again', async () => {
  const [bob, carol] = [await member(700, pcmu), await member(1100, pcmu)];
  room.add(bob.near);
  expect(await heard(house, bob, carol)).toEqual([[700], [400], []]);
  room.add(carol.near);
  expect(await heard(house, bob, carol)).toEqual([
    [700, 1100],
    [400, 1100],
    [400, 700],
  ]);
  room.remove(bob.near);
  expect(await heard(house, bob, carol)).toEqual([[1100], [], [400]]);
  room.close();
  bob.near.connected = true;
  expect(await heard(house, bob, carol)).toEqual([[700], [400], []]);
});

test('a call that ends leaves by itself, and one that goes to another room leaves the first', async () => {
  const [bob, carol] = [await member(700, pcmu), await member(1100, pcmu)];
  room.add(bob.near);
  room.add(carol.near);
  const other = house.media.room();
  other.add(carol.near);
  expect([room.stats().members, other.stats().members]).toEqual([1, 1]);
  expect(await heard(house, bob, carol)).toEqual([[700], [400], []]);
  bob.near.close();
  expect(room.stats().members).toBe(0);
  other.close();
});

test('music is heard in the place of everything else, in a room or not', async () => {
  const bob = await member(700, pcmu);
  bob.near.connected = true;
  const music = new ToneSource(tone('1900', 'continuous'), { sampleRate: 16_000, level: -20 });
  bob.near.play(music);
  expect(await heard(bob, house)).toEqual([[1900], [700]]);
  room.add(bob.near);
  expect(await heard(bob, house)).toEqual([[1900], [700]]);
  bob.near.play(undefined);
  expect(await heard(bob, house)).toEqual([[400], [700]]);
});

test('nobody hears a click where somebody comes, is muted, goes', async () => {
  const [bob, carol] = [await member(170, g722), await member(210, g722)];
  room.connected = false;
  bob.near.connected = true;
  await play(500);
  for (const { ear } of [house, bob, carol]) ear.heard.length = 0;
  for (let round = 0; round < 10; round += 1) {
    for (const change of [
      () => room.add(bob.near),
      () => room.add(carol.near),
      () => (room.connected = true),
      () => room.setMuted(bob.near, true),
      () => room.setMuted(bob.near, false),
      () => (room.muted = !room.muted),
      () => room.remove(carol.near),
      () => (room.connected = false),
      () => room.remove(bob.near),
    ]) {
      change();
      await play(93);
    }
  }
  // The steepest of the voices bends by 730 where it ends; a click has several thousand.
  for (const { ear } of [house, bob, carol]) expect(sharpestBend(ear.heard)).toBeLessThan(2_000);
});

test('another machine’s call is no member', () => {
  const stranger = singer(700, [pcmu], 8_000).media.open(false);
  expect(() => room.add({ ...stranger })).toThrow('not of this machine');
});

test('a room in silence is silent', async () => {
  const bob = await member(700, pcmu);
  bob.far.muted = true;
  room.add(bob.near);
  room.muted = true;
  await play(500);
  expect(levelOf(house.ear.heard.slice(-4_800))).toBeLessThan(-80);
});
