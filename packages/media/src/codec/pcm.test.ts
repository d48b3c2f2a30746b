import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelOf } from '../measure/level.ts';
import { fitSines } from '../measure/sine.ts';
import { sines } from '../measure/sine.testing.ts';
import { pcma, pcmu } from './pcm.ts';

describe.each([pcmu, pcma])('$encoding', (codec) => {
  it.each([-6, -13, -20, -30])('carries a tone of 1,004 Hz at %d dBov with 35 dB to its noise', (level) => {
    const payload = codec.createEncoder().encode(sines([1004], 8000, 8000, level));
    const heard = codec.createDecoder().decode(payload) ?? new Int16Array();
    expect(payload).toHaveLength(8000);
    const fit = fitSines(heard, 8000, [1004]);
    expect(fit.signalToNoise).toBeGreaterThan(35);
    expect(fit.sines[0]?.level).toBeCloseTo(level, 1);
  });

  it('takes any bytes, and only an empty payload for none', () => {
    const decoder = codec.createDecoder();
    expect(decoder.decode(new Uint8Array())).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (payload) => {
        expect(decoder.decode(payload)).toHaveLength(payload.length);
        expect(decoder.conceal(160)).toHaveLength(160);
      }),
    );
  });

  it('is silent in the place of what was lost before anything came', () => {
    expect(levelOf(codec.createDecoder().conceal(160))).toBe(-127);
  });
});
