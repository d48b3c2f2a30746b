import { describe, expect, it } from 'vitest';
import { LevelMeter } from './level-meter.ts';
import { levelOf } from './level.ts';
import { fitSines } from './sine.ts';
import { sines } from './sine.testing.ts';

describe('level', () => {
  it('is 0 dBov for the loudest square wave, -3.01 for the loudest sine, -127 for silence', () => {
    expect(levelOf(Int16Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? -32_768 : 32_767)))).toBeCloseTo(
      0,
      3,
    );
    expect(levelOf(sines([1000], 8000, 8000, -3.01))).toBeCloseTo(-3.01, 2);
    expect(levelOf(new Int16Array(10))).toBe(-127);
    expect(levelOf([])).toBe(-127);
  });

  it('is metered since it was asked for last', () => {
    const meter = new LevelMeter(8000);
    const sound = sines([500], 8000, 1600, -20);
    meter.write(sound.subarray(0, 800));
    meter.write(sound.subarray(800));
    const { rms, peak, samples } = meter.take();
    expect(rms).toBeCloseTo(-20, 1);
    expect(peak).toBeCloseTo(-17, 1);
    expect(samples).toBe(1600);
    expect(meter.take()).toEqual({ rms: -127, peak: -127, samples: 0 });
    meter.write(new Int16Array(160));
    expect(meter.take()).toEqual({ rms: -127, peak: -127, samples: 160 });
  });
});

describe('the fit of sines', () => {
  it('finds level and phase of each, whatever the mean', () => {
    const amplitudes = [8000, 3000];
    const samples = Float64Array.from({ length: 4000 }, (_, index) => {
      const angle = (2 * Math.PI * index) / 8000;
      return 1000 + 8000 * Math.sin(440 * angle + 0.5) + 3000 * Math.sin(1336 * angle - 2);
    });
    const { sines: found, residual, signalToNoise } = fitSines(samples, 8000, [440, 1336]);
    found.forEach(({ level }, index) => {
      expect(level).toBeCloseTo(20 * Math.log10((amplitudes[index] ?? 0) / Math.SQRT2 / 32_768), 6);
    });
    expect(found.map(({ phase }) => phase)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(-2, 6)]);
    expect(residual).toBe(-127);
    expect(signalToNoise).toBeGreaterThan(150);
  });

  it('takes what is not among them for noise', () => {
    const samples = sines([440], 8000, 8000, -20).map((sample, index) => {
      return (
        sample + Math.round(32_768 * Math.SQRT2 * 10 ** (-50 / 20) * Math.sin((2 * Math.PI * 2000 * index) / 8000))
      );
    });
    const { signalToNoise, residual } = fitSines(samples, 8000, [440]);
    expect(signalToNoise).toBeCloseTo(30, 1);
    expect(residual).toBeCloseTo(-50, 1);
  });

  it('finds nothing in silence', () => {
    expect(fitSines(new Int16Array(800), 8000, [440]).sines[0]?.level).toBe(-127);
  });
});
