import { describe, expect, it } from 'vitest';
import type { AudioSink } from '../audio.ts';
import { levelOf } from '../measure/level.ts';
import { fitSines } from '../measure/sine.ts';
import { ToneSource } from '../tone/tone-source.ts';
import { tone } from '../tone/tone.ts';
import { Mixer } from './mixer.ts';
import type { MixerParty } from './mixer.ts';

/** A party that sings one note, and what it hears; 20 ms at a time, as a call does. */
class Singer {
  readonly heard: number[] = [];
  readonly party: MixerParty;
  readonly rate: number;
  readonly #voice: ToneSource;

  constructor(mixer: Mixer, frequency: number, { rate = 16_000, level = -20 } = {}) {
    this.rate = rate;
    this.party = mixer.join(rate);
    this.#voice = new ToneSource(tone(String(frequency), 'continuous'), { sampleRate: rate, level });
  }

  speak(): void {
    const frame = new Int16Array(this.rate / 50);
    this.#voice.read(frame);
    this.party.input.write(frame);
  }

  listen(): void {
    const frame = new Int16Array(this.rate / 50);
    this.party.output.read(frame);
    this.heard.push(...frame);
  }

  /** The levels of notes in the last half second, and how far above all the rest they are. */
  hears(...frequencies: number[]): { levels: number[]; signalToNoise: number } {
    const { sines, signalToNoise } = fitSines(this.heard.slice(-this.rate / 2), this.rate, frequencies);
    return { levels: sines.map(({ level }) => level), signalToNoise };
  }
}

function sing(singers: readonly Singer[], seconds: number): void {
  for (let frame = 0; frame < 50 * seconds; frame += 1) {
    for (const singer of singers) singer.speak();
    for (const singer of singers) singer.listen();
  }
}

/** How sharply the waveform bends at its sharpest, from one sample to the next. */
function sharpestBend(samples: readonly number[]): number {
  let sharpest = 0;
  for (let index = 2; index < samples.length; index += 1) {
    const bend = (samples[index] ?? 0) - 2 * (samples[index - 1] ?? 0) + (samples[index - 2] ?? 0);
    sharpest = Math.max(sharpest, Math.abs(bend));
  }
  return sharpest;
}

const close = (level: number): unknown => expect.closeTo(level, 0);

describe('a mixer', () => {
  it('takes the rate of its parties at once where nobody has heard anything yet', () => {
    const mixer = new Mixer();
    const [one, other] = [mixer.join(50), mixer.join(50)];
    expect(mixer.sampleRate).toBe(50);
    const heard = new Int16Array(1);
    for (let frame = 0; frame < 2; frame += 1) {
      one.input.write(Int16Array.of(1_000));
      other.output.read(heard);
    }
    // Not a sample of it is lost in a filter.
    expect(heard).toEqual(Int16Array.of(1_000));
  });

  it('lets each hear all others and not himself', () => {
    const mixer = new Mixer();
    const notes = [400, 700, 1100, 1900];
    const singers = notes.map((note) => new Singer(mixer, note));
    sing(singers, 1);
    singers.forEach((singer, index) => {
      const others = notes.filter((note) => note !== notes[index]);
      const { levels, signalToNoise } = singer.hears(...others);
      expect(levels).toEqual(others.map(() => close(-20)));
      expect(signalToNoise).toBeGreaterThan(60);
      expect(singer.hears(...notes).levels[index]).toBeLessThan(-80);
    });
    expect(mixer.stats()).toEqual({ parties: 4, dropped: 0 });
  });

  it('brings parties of different rates together', () => {
    const mixer = new Mixer({ sampleRate: 48_000 });
    const singers = [
      new Singer(mixer, 500, { rate: 8000 }),
      new Singer(mixer, 1300, { rate: 16_000 }),
      new Singer(mixer, 2100, { rate: 48_000 }),
    ];
    sing(singers, 1);
    const heard = singers.map((singer, index) => {
      return singer.hears(...[500, 1300, 2100].filter((_, other) => other !== index));
    });
    for (const { levels, signalToNoise } of heard) {
      expect(levels).toEqual([close(-20), close(-20)]);
      expect(signalToNoise).toBeGreaterThan(55);
    }
  });

  it('lets parties come, fall silent, and go, without a disturbance to the others', () => {
    const mixer = new Mixer();
    const [a, b] = [new Singer(mixer, 400), new Singer(mixer, 700)];
    sing([a, b], 1);
    const c = new Singer(mixer, 1100);
    sing([a, b, c], 1);
    expect(a.hears(700, 1100).signalToNoise).toBeGreaterThan(60);
    b.party.muted = true;
    sing([a, b, c], 1);
    expect(a.hears(700, 1100).levels).toEqual([expect.closeTo(-127, -2), close(-20)]);
    expect(a.hears(1100).signalToNoise).toBeGreaterThan(60);
    expect(b.hears(400, 1100).levels).toEqual([close(-20), close(-20)]);
    b.party.muted = false;
    c.party.leave();
    sing([a, b], 1);
    expect(a.hears(700).signalToNoise).toBeGreaterThan(60);
    c.party.leave();
    c.listen();
    expect(levelOf(c.heard.slice(-320))).toBe(-127);
    expect(c.party.output.ended).toBe(true);
    expect(mixer.stats().parties).toBe(2);
    a.party.input.close();
    b.party.output.close();
    expect(mixer.stats().parties).toBe(0);
  });

  it('turns down what is too loud, without a rattle', () => {
    const mixer = new Mixer();
    const listener = new Singer(mixer, 3000, { level: -60 });
    const notes = [400, 700, 1100];
    const loud = notes.map((note) => new Singer(mixer, note, { level: -6 }));
    sing([listener, ...loud], 3);
    const { signalToNoise, levels } = listener.hears(...notes);
    const amplitude = 32_768 * Math.SQRT2 * 10 ** (-6 / 20);
    const cutOff = Array.from({ length: 8000 }, (_, index) => {
      const sum = notes.reduce((sum, note) => sum + Math.sin((2 * Math.PI * note * index) / 16_000), 0);
      return Math.max(-32_768, Math.min(32_767, amplitude * sum));
    });
    expect(signalToNoise).toBeGreaterThan(30);
    expect(signalToNoise).toBeGreaterThan(fitSines(cutOff, 16_000, notes).signalToNoise + 15);
    expect(Math.max(...listener.heard)).toBeLessThan(32_767);
    for (const level of levels) expect(level).toBeGreaterThan(-14);
    // And comes back once it is quiet again.
    loud.slice(1).forEach(({ party }) => party.leave());
    sing([listener, ...loud.slice(0, 1)], 2);
    expect(listener.hears(400).levels).toEqual([close(-6)]);
  });

  it('brings what was turned down back slowly, not in a jump', () => {
    const mixer = new Mixer();
    const listener = new Singer(mixer, 3000, { level: -60 });
    const [quiet, ...loud] = [
      new Singer(mixer, 500, { level: -12 }),
      new Singer(mixer, 700, { level: -4 }),
      new Singer(mixer, 1100, { level: -4 }),
    ];
    sing([listener, quiet, ...loud], 1);
    for (const { party } of loud) party.leave();
    sing([listener, quiet], 1);
    const levels = Array.from({ length: 50 }, (_, frame) =>
      levelOf(listener.heard.slice(16_000 + frame * 320, 16_320 + frame * 320)),
    );
    expect(levels[0]).toBeLessThan(-15);
    expect(levels.at(-1)).toBeCloseTo(-12, 0);
    // The first two have the ends of what was loud.
    const rest = levels.slice(2);
    rest.slice(1).forEach((level, index) => expect(Math.abs(level - (rest[index] ?? 0))).toBeLessThan(0.6));
  });

  it('is silent in the place of what has not come, and goes on with it', () => {
    const mixer = new Mixer();
    const [a, b] = [new Singer(mixer, 400), new Singer(mixer, 700)];
    sing([a, b], 1);
    for (let count = 0; count < 10; count += 1) a.listen();
    expect(levelOf(a.heard.slice(-320))).toBe(-127);
    sing([a, b], 1);
    expect(a.hears(700).signalToNoise).toBeGreaterThan(60);
  });

  it('drops what nobody takes, so that nobody hears the past', () => {
    const mixer = new Mixer();
    const a = new Singer(mixer, 400);
    mixer.join();
    for (let count = 0; count < 50; count += 1) a.speak();
    // Each of the two has three frames left.
    expect(mixer.stats().dropped).toBe(2 * 47 * 320);
  });

  it('lets who was away hear the newest, and goes on at his pace', () => {
    const mixer = new Mixer();
    const [a, b] = [mixer.join(), mixer.join()];
    const frame = new Int16Array(320);
    const round = (count: number): number => {
      a.input.write(new Int16Array(320).fill(count));
      b.output.read(frame);
      return count - (frame[319] ?? 0);
    };
    for (let count = 1; count <= 10; count += 1) round(count);
    for (let count = 11; count <= 100; count += 1) a.input.write(new Int16Array(320).fill(count));
    for (let count = 101; count <= 110; count += 1) expect(round(count)).toBeLessThanOrEqual(1);
    expect(frame[0]).toBe(frame[319]);
  });

  it('makes no click where somebody comes, goes, is muted or interrupted, at any moment', () => {
    const mixer = new Mixer({ sampleRate: 16_000 });
    const listener = mixer.join();
    const steady = new Singer(mixer, 170);
    let guest = new Singer(mixer, 210);
    const heard: number[] = [];
    const frame = new Int16Array(320);
    const changes = [
      () => (guest.party.muted = true),
      () => (guest.party.muted = false),
      () => guest.party.leave(),
      () => (guest = new Singer(mixer, 210)),
    ];
    for (let round = 0; round < 500; round += 1) {
      if (round % 7 === 3) changes[Math.floor(round / 7) % changes.length]?.();
      steady.speak();
      // Now and then nothing comes of him for a frame.
      if (round % 35 !== 31) guest.speak();
      listener.output.read(frame);
      heard.push(...frame);
      steady.listen();
      guest.listen();
    }
    // Two sines of that level bend by 60 at most from one sample to the next; a click by thousands.
    expect(sharpestBend(heard.slice(640))).toBeLessThan(700);
  });

  it('is as good as the second best of its parties, and changes over without a click', () => {
    const mixer = new Mixer();
    const [one, other] = [new Singer(mixer, 170, { rate: 8_000 }), new Singer(mixer, 210, { rate: 8_000 })];
    sing([one, other], 1);
    expect(mixer.sampleRate).toBe(8_000);
    const third = new Singer(mixer, 300, { rate: 48_000 });
    sing([one, other, third], 1);
    expect(mixer.sampleRate).toBe(8_000);
    third.party.leave();
    const [fourth, fifth] = [new Singer(mixer, 700, { rate: 16_000 }), new Singer(mixer, 1_100, { rate: 48_000 })];
    const before = one.heard.length;
    for (const { party } of [fourth, fifth]) party.muted = true;
    sing([one, other, fourth, fifth], 1);
    expect(mixer.sampleRate).toBe(16_000);
    expect(sharpestBend(one.heard.slice(before - 160))).toBeLessThan(700);
    for (const { party } of [fourth, fifth]) party.muted = false;
    sing([one, other, fourth, fifth], 1);
    expect(fourth.hears(170, 210, 1_100).signalToNoise).toBeGreaterThan(60);
    expect(one.hears(210, 700, 1_100).signalToNoise).toBeGreaterThan(60);
  });

  it.each([10, 20, 30, 40, 60])('takes and gives frames of %d ms', (milliseconds) => {
    const mixer = new Mixer();
    const [a, b] = [mixer.join(), mixer.join()];
    const voice = new ToneSource(tone('400', 'continuous'), { sampleRate: 16_000, level: -20 });
    const heard: number[] = [];
    const frame = new Int16Array(16 * milliseconds);
    while (heard.length < 16_000) {
      voice.read(frame);
      a.input.write(frame);
      b.output.read(frame);
      heard.push(...frame);
    }
    expect(fitSines(heard.slice(-8000), 16_000, [400]).signalToNoise).toBeGreaterThan(60);
  });

  it('serves a person at a microphone whenever it mixes', () => {
    const mixer = new Mixer();
    const caller = new Singer(mixer, 700);
    const microphone = new ToneSource(tone('400', 'continuous'), { sampleRate: 48_000, level: -20 });
    const spoken: number[] = [];
    const loudspeaker: AudioSink = {
      sampleRate: 48_000,
      write: (frame) => void spoken.push(...frame),
      close: () => expect.unreachable('it is not the mixer that closes it'),
    };
    const person = mixer.serve({ source: microphone, sink: loudspeaker });
    sing([caller], 1);
    expect(caller.hears(400).signalToNoise).toBeGreaterThan(60);
    expect(spoken).toHaveLength(48_000);
    expect(fitSines(spoken.slice(-24_000), 48_000, [700]).signalToNoise).toBeGreaterThan(60);
    expect(person.muted).toBe(false);
    person.muted = true;
    sing([caller], 1);
    expect(levelOf(caller.heard.slice(-8000))).toBeLessThan(-100);
    person.leave();
    sing([caller], 1);
    expect(spoken).toHaveLength(96_000);
    expect(microphone.ended).toBe(false);
  });

  it('adds each voice once, however many there are', () => {
    /** Counts how often a sample of a party is asked for while 20 ms are mixed. */
    const reads = (parties: number): number => {
      const mixer = new Mixer();
      let count = 0;
      const sink: AudioSink = { sampleRate: 16_000, write: () => (count += 1), close: () => undefined };
      for (let index = 0; index < parties; index += 1) {
        mixer.serve({
          sink,
          source: { sampleRate: 16_000, ended: false, read: () => (count += 1), close: () => undefined },
        });
      }
      mixer.join().output.read(new Int16Array(320));
      return count;
    };
    expect([2, 20, 200].map(reads)).toEqual([4, 40, 400]);
  });
});
