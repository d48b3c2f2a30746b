import { SwitchhookError } from '@switchhook/sip';
import { describe, expect, it } from 'vitest';
import { levelOf } from '../measure/level.ts';
import { fitSines } from '../measure/sine.ts';
import { callProgressTones } from './call-progress.ts';
import { dtmfTone } from './dtmf.ts';
import { silence } from './silence.ts';
import { ToneSource } from './tone-source.ts';
import { tone } from './tone.ts';
import type { Tone } from './tone.ts';

const sampleRate = 8000;

function play(played: Tone, milliseconds: number, level?: number): Int16Array {
  const source = new ToneSource(played, level === undefined ? { sampleRate } : { sampleRate, level });
  const samples = new Int16Array((milliseconds * sampleRate) / 1000);
  // In pieces that fit nothing.
  for (let start = 0; start < samples.length; start += 77) source.read(samples.subarray(start, start + 77));
  return samples;
}

/** When it sounds and when it does not, in milliseconds as they are heard; a pause is longer than 5 ms. */
function cadenceOf(samples: Int16Array): number[] {
  const perMillisecond = sampleRate / 1000;
  const loud = Array.from({ length: samples.length / perMillisecond }, (_, index) =>
    samples.subarray(index * perMillisecond, (index + 1) * perMillisecond).some((sample) => sample !== 0),
  );
  const runs: number[] = [];
  loud.forEach((now, index) => {
    if (index > 0 && now === loud[index - 1]) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
    else runs.push(1);
  });
  return runs;
}

describe('the notation of E.180', () => {
  it('reads frequencies and cadences', () => {
    expect(tone('350+440', 'continuous')).toEqual({
      segments: [{ frequencies: [350, 440], modulation: undefined, attenuation: 0, duration: Infinity }],
      repeats: false,
    });
    expect(tone('400x16', '1.0 - 2.0').segments.map(({ modulation, duration }) => [modulation, duration])).toEqual([
      [16, 1000],
      [undefined, 2000],
    ]);
    expect(tone('950/1400/1800', '3x0.33 - 1.0').segments.map((s) => [s.frequencies, s.duration])).toEqual([
      [[950], 330],
      [[1400], 330],
      [[1800], 330],
      [[], 1000],
    ]);
    expect(tone('425/425@-10', '0.3 - 0.2 - 0.3 - 0.2').segments.map((s) => s.attenuation)).toEqual([0, 0, 10, 0]);
  });

  it('throws for what it is not', () => {
    expect(() => tone('loud', 'continuous')).toThrow(SwitchhookError);
    expect(() => tone('425', 'now and then')).toThrow(SwitchhookError);
  });
});

/**
 * A second way to say what E.180 has for each country, of the tones that differ: hertz, and milliseconds of sound and
 * pause.
 */
const heard: Readonly<Record<string, readonly [Tone, frequencies: readonly number[], cadence: readonly number[]]>> = {
  'ITU ringback': [callProgressTones.ITU.ringback, [425], [1000, 4000]],
  'Australian ringback': [callProgressTones.AU.ringback, [413, 438], [400, 200, 400, 2000]],
  'German busy': [callProgressTones.DE.busy, [425], [480, 480]],
  'German congestion': [callProgressTones.DE.congestion, [425], [240, 240]],
  'German call waiting': [callProgressTones.DE.callWaiting, [425], [200, 200, 200, 5000]],
  'Spanish ringback': [callProgressTones.ES.ringback, [425], [1500, 3000]],
  'French ringback': [callProgressTones.FR.ringback, [440], [1500, 3500]],
  'British ringback': [callProgressTones.GB.ringback, [400, 450], [400, 200, 400, 2000]],
  'British busy': [callProgressTones.GB.busy, [400], [375, 375]],
  'Italian dial': [callProgressTones.IT.dial, [425], [200, 200, 600, 1000]],
  'Japanese busy': [callProgressTones.JP.busy, [400], [500, 500]],
  'Japanese ringback': [callProgressTones.JP.ringback, [384, 400, 416], [1000, 2000]],
  'Dutch call waiting': [callProgressTones.NL.callWaiting, [425], [500, 9500]],
  'American ringback': [callProgressTones.US.ringback, [440, 480], [2000, 4000]],
  'American busy': [callProgressTones.US.busy, [480, 620], [500, 500]],
};

describe('call-progress tones', () => {
  it.each(Object.entries(heard))('%s has its frequencies and its cadence', (_name, [played, frequencies, cadence]) => {
    const period = cadence.reduce((sum, duration) => sum + duration, 0);
    const samples = play(played, 2 * period);
    const runs = cadenceOf(samples);
    expect(runs).toHaveLength(2 * cadence.length);
    [...cadence, ...cadence].forEach((duration, index) => {
      expect(Math.abs((runs[index] ?? 0) - duration), `run ${index}`).toBeLessThanOrEqual(2);
    });
    // Without its soft edges.
    const on = samples.subarray(5 * 8, ((cadence[0] ?? 0) - 5) * 8);
    expect(fitSines(on, sampleRate, frequencies).signalToNoise).toBeGreaterThan(60);
    expect(levelOf(on)).toBeCloseTo(-16.15, 0);
  });

  describe.each(Object.entries(callProgressTones))('of %s', (_country, tones) => {
    it.each(Object.entries(tones))('%s is heard as it is written, for ten seconds', (_tone, played) => {
      const samples = play(played, 10_000);
      let place = 0;
      const written = played.segments.filter(({ frequencies }) => frequencies.length > 0);
      expect(written.length).toBeGreaterThan(0);
      for (const { frequencies, modulation, attenuation, duration } of played.segments) {
        const end = Math.min(place + duration, 10_000);
        const piece = samples.subarray((place + 3) * 8, (end - 3) * 8);
        if (frequencies.length === 0) expect(levelOf(piece)).toBe(-127);
        else {
          const sides = modulation === undefined ? [] : frequencies.flatMap((f) => [f - modulation, f + modulation]);
          expect(fitSines(piece, sampleRate, [...frequencies, ...sides]).signalToNoise).toBeGreaterThan(45);
          expect(Math.abs(levelOf(piece) - (-16.15 - attenuation))).toBeLessThan(0.5);
        }
        place = end;
      }
    });
  });

  it('begin and end without a click', () => {
    const samples = play(callProgressTones.DE.busy, 480);
    const peak = Math.max(...samples);
    const [begin, end] = [samples.subarray(0, 5), samples.subarray(-5)];
    for (const sample of [...begin, ...end]) expect(Math.abs(sample)).toBeLessThan(0.35 * peak);
  });

  it('do not slow down or run away over an hour', () => {
    const source = new ToneSource(callProgressTones.GB.ringback, { sampleRate });
    const second = new Int16Array(8000);
    for (let count = 0; count < 3600; count += 1) source.read(second);
    const samples = new Int16Array(3000 * 8);
    source.read(samples);
    expect(cadenceOf(samples)).toEqual([400, 200, 400, 2000].map((duration) => expect.closeTo(duration, -1) as number));
    expect(source.ended).toBe(false);
  });
});

describe('DTMF', () => {
  const keys: Readonly<Record<string, readonly [number, number]>> = {
    '1': [697, 1209],
    '2': [697, 1336],
    '3': [697, 1477],
    '4': [770, 1209],
    '5': [770, 1336],
    '6': [770, 1477],
    '7': [852, 1209],
    '8': [852, 1336],
    '9': [852, 1477],
    '*': [941, 1209],
    '0': [941, 1336],
    '#': [941, 1477],
    A: [697, 1633],
    B: [770, 1633],
    c: [852, 1633],
    D: [941, 1633],
  };

  it.each(Object.entries(keys))('%s is its two frequencies, equally loud', (key, frequencies) => {
    const played = dtmfTone(key, 80, 40);
    expect(played).toBeDefined();
    const samples = play(played ?? tone('1', 'continuous'), 200, -10);
    expect(cadenceOf(samples)).toEqual([expect.closeTo(80, -1), expect.closeTo(120, -1)]);
    const fit = fitSines(samples.subarray(3 * 8, 77 * 8), sampleRate, frequencies);
    expect(fit.signalToNoise).toBeGreaterThan(50);
    for (const { level } of fit.sines) expect(level).toBeCloseTo(-13, 0);
  });

  it('ends behind its pause', () => {
    const source = new ToneSource(dtmfTone('5', 50, 50) ?? tone('1', 'continuous'), { sampleRate });
    source.read(new Int16Array(799));
    expect(source.ended).toBe(false);
    source.read(new Int16Array(1));
    expect(source.ended).toBe(true);
  });

  it('has no other keys', () => {
    for (const key of ['', '12', 'E', 'é', ' ']) expect(dtmfTone(key)).toBeUndefined();
  });
});

it('a source is silent and ended once it is closed', () => {
  const source = new ToneSource(callProgressTones.ITU.dial, { sampleRate });
  source.close();
  const frame = new Int16Array(160).fill(1);
  source.read(frame);
  expect(source.ended).toBe(true);
  expect(levelOf(frame)).toBe(-127);
});

it('silence overwrites what was in the frame', () => {
  const frame = new Int16Array(160).fill(1);
  silence(8000).read(frame);
  expect(levelOf(frame)).toBe(-127);
});
