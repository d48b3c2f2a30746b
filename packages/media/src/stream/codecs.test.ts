import { expect, test } from 'vitest';
import { audioCodecs } from '../codec/audio-codecs.ts';
import { fitSines } from '../measure/sine.ts';
import { ToneSource } from '../tone/tone-source.ts';
import { tone } from '../tone/tone.ts';
import { agreementFor, Ear, testCall } from './call.testing.ts';

const codecs = await audioCodecs();

test('offers all codecs, the best first, and telephone-event once for each clock rate', async () => {
  const { alice } = await testCall({ engine: { codecs } });
  const [capability] = alice.session.capabilities;
  const lines = capability?.formats.map(({ payloadType, encoding, clockRate, channels }) =>
    [payloadType, encoding, clockRate, channels].join(' '),
  );
  expect(lines).toEqual([
    '96 opus 48000 2',
    '9 G722 8000 1',
    '0 PCMU 8000 1',
    '8 PCMA 8000 1',
    '97 telephone-event 48000 1',
    '98 telephone-event 8000 1',
  ]);
});

/** What of the tone is heard in the last half second. */
function fitOf(ear: Ear): ReturnType<typeof fitSines> {
  return fitSines(ear.heard.slice(-ear.sampleRate / 2), ear.sampleRate, [1004]);
}

function playTone(sampleRate: number): ToneSource {
  return new ToneSource(tone('1004', 'continuous'), { sampleRate, level: -13 });
}

test.each(codecs.map((codec) => [codec.encoding, codec] as const))(
  '%s carries a tone from a source of one rate to a sink of another',
  async (_, codec) => {
    const { alice, bob, agree, context } = await testCall({ codec });
    const ear = new Ear(16_000);
    alice.session.source = playTone(44_100);
    bob.session.sink = ear;
    agree();
    await context.clock.play(2_000);
    const { sines, signalToNoise } = fitOf(ear);
    expect(signalToNoise).toBeGreaterThan(30);
    expect(sines[0]?.level).toBeCloseTo(-13, 0);
    expect(bob.stream.stats().received).toMatchObject({ undecodable: 0, lost: 0 });
    expect(bob.stream.stats().received.level).toBeCloseTo(-13, 0);
  },
);

test('changes the codec in the middle of a call, clock rate and all, and the tone goes on', async () => {
  const { alice, bob, context } = await testCall({ engine: { codecs } });
  const ear = new Ear();
  alice.session.source = playTone(8_000);
  bob.session.sink = ear;
  for (const codec of [...codecs, ...codecs]) {
    alice.stream.apply(agreementFor(codec, bob.stream, 'sendrecv'));
    bob.stream.apply(agreementFor(codec, alice.stream, 'sendrecv'));
    await context.clock.play(1_500);
    expect(fitOf(ear).signalToNoise, codec.encoding).toBeGreaterThan(30);
  }
  expect(bob.stream.stats().received.undecodable).toBe(0);
});

test.each([10, 40, 60])('sends packets of %d ms where the far end wishes for them', async (packetTime) => {
  const codec = codecs.find(({ encoding }) => encoding === 'PCMU');
  if (codec === undefined) throw new Error('no PCMU');
  const { alice, bob, agree, context } = await testCall({ codec });
  const ear = new Ear();
  alice.session.source = playTone(8_000);
  bob.session.sink = ear;
  agree('sendrecv', { packetTime });
  await context.clock.play(2_995);
  expect(alice.stream.stats().sent.packets).toBe(3_000 / packetTime);
  expect(fitOf(ear).signalToNoise).toBeGreaterThan(30);
});
