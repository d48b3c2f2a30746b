import type { LinkQuality } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { pcmu } from '../codec/pcm.ts';
import { fitSines } from '../measure/sine.ts';
import { ToneSource } from '../tone/tone-source.ts';
import { tone } from '../tone/tone.ts';
import { Ear, testCall } from './call.testing.ts';

interface Outcome {
  /** Part of the time, from the second second on, that was made up because packets were missing. */
  readonly concealed: number;
  readonly delay: number;
  readonly digits: string;
  /** Of the last second. */
  readonly level: number;
  readonly signalToNoise: number;
}

/** A call of 15 seconds over a link of that quality, in which Alice plays a tone and types. */
async function call(quality: Partial<LinkQuality>, seed: number): Promise<Outcome> {
  const { alice, bob, agree, context, network } = await testCall({ codec: pcmu, seed });
  network.link('alice', 'bob', quality);
  const ear = new Ear();
  alice.session.source = new ToneSource(tone('440', 'continuous'), { sampleRate: 8_000, level: -13 });
  bob.session.sink = ear;
  agree();
  const typed = alice.session.sendDigits('159#', 120);
  await context.clock.play(2_000);
  expect(await typed).toBe('sent');
  const before = bob.stream.stats().jitterBuffer.concealed;
  await context.clock.play(13_000);
  const { concealed, delay } = bob.stream.stats().jitterBuffer;
  const { sines, signalToNoise } = fitSines(ear.heard.slice(-8_000), 8_000, [440]);
  alice.engine.stop();
  bob.engine.stop();
  await context.clock.play(1_000);
  expect(context.clock.pending).toBe(0);
  const digits = bob.digits.join('');
  return { concealed: (concealed - before) / 13_000, delay, digits, level: sines[0]?.level ?? -127, signalToNoise };
}

const seeds = Array.from({ length: 8 }, (_, index) => index + 1);

test.each(seeds)('a link that only delays is heard as if it were not there (seed %d)', async (seed) => {
  const { concealed, delay, signalToNoise } = await call({ delay: 150 }, seed);
  expect(concealed).toBe(0);
  expect(delay).toBeLessThanOrEqual(40);
  expect(signalToNoise).toBeGreaterThan(35);
});

test.each(seeds)('10 %% loss: no more is made up than was lost, and every digit is heard (seed %d)', async (seed) => {
  const { concealed, level, digits } = await call({ loss: 0.1 }, seed);
  expect(concealed).toBeGreaterThan(0.06);
  expect(concealed).toBeLessThan(0.15);
  expect(level).toBeGreaterThan(-15);
  expect(digits).toBe('159#');
});

test.each(seeds)(
  '80 ms of jitter, which reorders: 2 %% at most are made up, 150 ms behind at most (seed %d)',
  async (seed) => {
    const { concealed, delay, digits } = await call({ delay: 30, jitter: 80 }, seed);
    expect(concealed).toBeLessThan(0.02);
    expect(delay).toBeLessThan(150);
    expect(digits).toBe('159#');
  },
);

test.each(seeds)('20 %% loss, reordering and duplication at once: it is still a tone (seed %d)', async (seed) => {
  const quality = { delay: 20, jitter: 15, loss: 0.2, duplication: 0.2, reordering: 0.2, heldBack: 50 };
  const { concealed, delay, level, digits } = await call(quality, seed);
  expect(concealed).toBeLessThan(0.28);
  expect(delay).toBeLessThan(150);
  expect(level).toBeGreaterThan(-17);
  expect(digits).toBe('159#');
});
