import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import { StreamNegotiation, type MediaSecurity } from '@switchhook/sip';
import { expect, test } from 'vitest';
import type { AudioCodec } from '../audio.ts';
import { audioCodecs } from '../codec/audio-codecs.ts';
import { pcma, pcmu } from '../codec/pcm.ts';
import { levelOf } from '../measure/level.ts';
import { ToneSource } from '../tone/tone-source.ts';
import { tone } from '../tone/tone.ts';
import { AudioEngine } from './audio-engine.ts';
import type { AudioSession } from './audio-session.ts';
import { Ear } from './call.testing.ts';

const all = await audioCodecs();

interface Caller {
  readonly engine: AudioEngine;
  readonly session: AudioSession;
  readonly negotiation: StreamNegotiation;
  readonly ear: Ear;
  readonly digits: string[];
}

interface Pair {
  readonly alice: Caller;
  readonly bob: Caller;
  play(milliseconds: number): Promise<void>;
  negotiate(from: Caller, to: Caller): Promise<string>;
}

/** Two phones' media that speak by offers and answers, as their sessions would carry them. */
function callers(codecs: { alice: readonly AudioCodec[]; bob: readonly AudioCodec[] }, security: MediaSecurity): Pair {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const caller = (name: string, address: string, own: readonly AudioCodec[]): Caller => {
    const engine = new AudioEngine(context, { codecs: own, network: network.host(name, [address]).ports(), address });
    const session = engine.session(security);
    const ear = new Ear();
    const digits: string[] = [];
    session.source = new ToneSource(tone('440', 'continuous'), { sampleRate: 16_000, level: -13 });
    session.sink = ear;
    session.onDigit = (digit) => digits.push(digit);
    return { engine, session, negotiation: new StreamNegotiation(context, session), ear, digits };
  };
  return {
    alice: caller('alice', '192.0.2.1', codecs.alice),
    bob: caller('bob', '192.0.2.2', codecs.bob),
    play: (milliseconds) => context.clock.play(milliseconds),
    async negotiate(from, to) {
      const answer = await to.negotiation.createAnswer(await from.negotiation.createOffer());
      if (typeof answer !== 'string') throw new Error(answer.reason);
      to.negotiation.commit();
      expect(await from.negotiation.acceptAnswer(answer)).toBe(undefined);
      return answer;
    },
  };
}

test.each(['none', 'required'] as const)(
  'two phones that have all codecs speak Opus (security: %s)',
  async (security) => {
    const { alice, bob, play, negotiate } = callers({ alice: all, bob: all }, security);
    const answer = await negotiate(alice, bob);
    expect(answer.includes('RTP/SAVP')).toBe(security === 'required');
    const typed = alice.session.sendDigits('42#');
    await play(2_000);
    expect(await typed).toBe('sent');
    expect(bob.digits).toEqual(['4', '2', '#']);
    for (const { session, ear } of [alice, bob]) {
      const [stream] = session.streams;
      expect(stream?.agreed?.send.encoding).toBe('opus');
      expect(stream?.flowing).toBe('sendrecv');
      expect(Object.values(stream?.stats().dropped ?? {}).every((count) => count === 0)).toBe(true);
      expect(levelOf(ear.heard.slice(-4_000))).toBeCloseTo(-13, 0);
    }
  },
);

test('the codec that both have is spoken; hold and resume are heard in each direction; a closed call leaves nothing', async () => {
  const { alice, bob, play, negotiate } = callers({ alice: [pcmu, pcma], bob: [pcma] }, 'none');
  await negotiate(alice, bob);
  await play(1_000);
  expect(alice.session.streams[0]?.agreed?.send.encoding).toBe('PCMA');
  alice.negotiation.localHold = 'sendonly';
  await negotiate(alice, bob);
  await play(500);
  expect([alice, bob].map(({ session }) => session.streams[0]?.flowing)).toEqual(['sendonly', 'recvonly']);
  bob.negotiation.localHold = 'sendonly';
  await negotiate(bob, alice);
  await play(500);
  expect([alice, bob].map(({ session }) => session.streams[0]?.flowing)).toEqual(['inactive', 'inactive']);
  alice.negotiation.localHold = 'none';
  bob.negotiation.localHold = 'none';
  await negotiate(alice, bob);
  await play(500);
  expect([alice, bob].map(({ session }) => session.streams[0]?.flowing)).toEqual(['sendrecv', 'sendrecv']);
  alice.negotiation.close();
  bob.negotiation.close();
  for (const { engine, session } of [alice, bob]) {
    expect(engine.stats()).toEqual({ streams: 0, paced: 0, skippedFrames: 0 });
    expect(session.streams).toEqual([]);
  }
});
