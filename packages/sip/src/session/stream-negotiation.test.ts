import { describe, expect, it } from 'vitest';
import { countingRandom } from '../auth/auth-context.testing.ts';
import { SyntaxFault } from '../message/fault.ts';
import { audio, events, FakeEngine, opus, pcma, pcmu, wideEvents } from './media-engine.testing.ts';
import type { MediaCapability, MediaRefusal, StreamAgreement } from './media.ts';
import { parseSessionDescription } from './session-description-parser.ts';
import type { MediaDescription, SessionDescription } from './session-description.ts';
import { StreamNegotiation } from './stream-negotiation.ts';

const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
const suite = 'AES_CM_128_HMAC_SHA1_80';

interface Side {
  readonly engine: FakeEngine;
  readonly media: StreamNegotiation;
}

function side(capabilities: readonly MediaCapability[] = [audio()], address = '192.0.2.1'): Side {
  const engine = new FakeEngine(address, capabilities);
  return { engine, media: new StreamNegotiation({ random: countingRandom() }, engine) };
}

function read(text: string): SessionDescription {
  const description = parseSessionDescription(text);
  if (description instanceof SyntaxFault) throw new Error(`${description.reason}: ${text}`);
  return description;
}

function streamOf(text: string): MediaDescription {
  const [media] = read(text).media;
  if (media === undefined) throw new Error('no stream');
  return media;
}

/** A description of the far end's, written by hand. */
function remote(...lines: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 198.51.100.9', 's=-', 'c=IN IP4 198.51.100.9', 't=0 0', ...lines, ''].join('\r\n');
}

/** Answers an offer and puts the answer into effect. */
async function answer({ media }: Side, offer: string): Promise<string> {
  const text = await media.createAnswer(offer);
  if (typeof text !== 'string') throw new Error(text.reason);
  media.commit();
  return text;
}

async function refusal({ media }: Side, offer: string): Promise<MediaRefusal> {
  const result = await media.createAnswer(offer);
  if (typeof result === 'string') throw new Error(`answered: ${result}`);
  return result;
}

describe('a machine that has other addresses', () => {
  async function standing(): Promise<readonly [Side, Side, string]> {
    const [alice, bob] = [side(), side([audio()], '192.0.2.2')];
    return [alice, bob, (await exchange(alice, bob)).offer];
  }

  it('offers its streams at ports opened anew, and closes the old ones when they are agreed on', async () => {
    const [alice, bob, before] = await standing();
    alice.media.move();
    const { offer } = await exchange(alice, bob);
    const [old, fresh] = alice.engine.streams;
    expect([streamOf(before).port, streamOf(offer).port]).toEqual([old?.local.port, fresh?.local.port]);
    expect(alice.engine.standing).toEqual([fresh]);
    expect(fresh?.agreement?.remote.port).toBe(bob.engine.streams[0]?.local.port);
    expect(read(offer).origin).toEqual({ ...read(before).origin, version: read(before).origin.version + 1 });
    await exchange(alice, bob);
    expect(alice.engine.streams).toHaveLength(2);
  });

  it('keeps what stands when the offer comes to nothing, and tries again with the next one', async () => {
    const [alice, bob] = await standing();
    alice.media.move();
    await alice.media.createOffer();
    alice.media.rollback();
    expect(alice.engine.standing).toEqual([alice.engine.streams[0]]);
    await exchange(alice, bob);
    expect(alice.engine.standing).toEqual([alice.engine.streams[2]]);
  });

  it('answers from there, too, and changes it even in a refresh', async () => {
    const [alice, bob] = await standing();
    alice.media.move();
    const { answer: answered } = await exchange(bob, alice);
    expect(streamOf(answered).port).toBe(alice.engine.streams[1]?.local.port);
    alice.media.move();
    expect(streamOf(await alice.media.createOffer(true)).port).toBe(alice.engine.streams[2]?.local.port);
  });

  it('has nothing to move before anything stands', async () => {
    const alice = side();
    alice.media.move();
    await alice.media.createOffer();
    expect(alice.engine.streams).toHaveLength(1);
  });
});

/** One exchange, offered by the first. */
async function exchange(one: Side, other: Side): Promise<{ offer: string; answer: string }> {
  const offer = await one.media.createOffer();
  const text = await answer(other, offer);
  expect(await one.media.acceptAnswer(text)).toBeUndefined();
  return { offer, answer: text };
}

function agreementOf({ engine }: Side, index = 0): StreamAgreement {
  const agreement = engine.streams[index]?.agreement;
  if (agreement === undefined) throw new Error('nothing is agreed');
  return agreement;
}

function directionsOf(...texts: string[]): string[] {
  return texts.map((text) => streamOf(text).direction);
}

describe('the first offer and its answer (RFC 3264 5, 6)', () => {
  it('agrees on the formats that both have, each side by the numbers of the other', async () => {
    const [alice, bob] = [side([audio({ formats: [opus, wideEvents, pcmu, events] })]), side([audio()], '192.0.2.2')];
    await exchange(alice, bob);
    expect(agreementOf(alice)).toMatchObject({
      direction: 'sendrecv',
      remote: { address: '192.0.2.2', port: 10_000, controlPort: 10_000 },
      multiplexed: true,
      send: pcmu,
      sendEvents: { payloadType: 101, clockRate: 8_000 },
    });
    expect(agreementOf(bob)).toMatchObject({
      remote: { address: '192.0.2.1' },
      send: pcmu,
      sendEvents: { payloadType: 101, clockRate: 8_000 },
    });
  });

  it('answers with the numbers of the offer, in its order (RFC 3264 6.1)', async () => {
    const bob = side([audio({ formats: [pcmu, pcma, opus, events] })]);
    const text = await answer(
      bob,
      remote(
        'm=audio 4000 RTP/AVP 111 3 8 0 100 110',
        'a=rtpmap:111 OPUS/48000/2',
        'a=fmtp:111 maxplaybackrate=16000',
        'a=rtpmap:100 telephone-event/8000',
        'a=rtpmap:110 telephone-event/48000',
      ),
    );
    expect(streamOf(text).formatList).toEqual(['111', '8', '0', '100']);
    expect(agreementOf(bob)).toMatchObject({
      send: { payloadType: 111, encoding: 'opus', parameters: 'maxplaybackrate=16000' },
      sendEvents: { payloadType: 100, clockRate: 8_000 },
    });
    expect(agreementOf(bob).receive.map(({ payloadType }) => payloadType)).toEqual([111, 8, 0, 100]);
    expect(agreementOf(bob).receive[0]?.parameters).toBe('useinbandfec=1');
  });

  it('sends telephone-event at the clock rate of the voice, where the far end has that (RFC 4733 2.1)', async () => {
    const bob = side([audio({ formats: [opus, wideEvents, events] })]);
    const wide = [
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:112 telephone-event/48000',
      'a=rtpmap:101 telephone-event/8000',
    ];
    const text = await answer(bob, remote('m=audio 4000 RTP/AVP 111 112 101', ...wide));
    expect(streamOf(text).formatList).toEqual(['111', '112']);
    expect(agreementOf(bob).sendEvents).toEqual({ payloadType: 112, clockRate: 48_000 });
  });

  it('sends telephone-event at another clock rate where the far end has no other', async () => {
    const offered = ['a=rtpmap:111 opus/48000/2', 'a=rtpmap:101 telephone-event/8000'];
    const bob = side([
      audio({
        formats: [opus, wideEvents, events, { payloadType: 13, encoding: 'CN', clockRate: 8_000, channels: 1 }],
      }),
    ]);
    const text = await answer(bob, remote('m=audio 4000 RTP/AVP 111 101 13', ...offered, 'a=rtpmap:13 CN/8000'));
    expect(streamOf(text).formatList).toEqual(['111', '101']);
    expect(agreementOf(bob)).toMatchObject({
      send: { encoding: 'opus' },
      sendEvents: { payloadType: 101, clockRate: 8_000 },
    });

    const alice = side([audio({ formats: [opus, wideEvents, events] })]);
    await alice.media.createOffer();
    expect(await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 111 101', ...offered))).toBeUndefined();
    expect(agreementOf(alice).sendEvents).toEqual({ payloadType: 101, clockRate: 8_000 });
    expect(agreementOf(alice).receive.map(({ encoding }) => encoding)).toEqual(['opus', 'telephone-event']);
  });

  it('takes the numbers of an answer that are others than those of the offer (RFC 3264 7)', async () => {
    const alice = side([audio({ formats: [opus] })]);
    await alice.media.createOffer();
    const theirs = remote('m=audio 4000 RTP/AVP 120', 'a=rtpmap:120 opus/48000/2');
    expect(await alice.media.acceptAnswer(theirs)).toBeUndefined();
    expect(agreementOf(alice).send.payloadType).toBe(120);
    expect(agreementOf(alice).receive.map(({ payloadType }) => payloadType)).toEqual([96]);
  });

  it('CX-13 C1-07 keeps every line in its place and says no by port 0', async () => {
    const bob = side();
    const text = await answer(
      bob,
      remote('m=video 4002 RTP/AVP 31', 'm=audio 4000 RTP/AVP 0', 'm=image 4004 udptl t38', 'm=audio 4006 RTP/AVP 8'),
    );
    expect(read(text).media.map(({ kind, port, protocol, formatList }) => [kind, port, protocol, formatList])).toEqual([
      ['video', 0, 'RTP/AVP', ['31']],
      ['audio', 10_000, 'RTP/AVP', ['0']],
      ['image', 0, 'udptl', ['t38']],
      ['audio', 0, 'RTP/AVP', ['8']],
    ]);
    expect(bob.media.direction).toBe('sendrecv');
  });

  it('answers in the profile of the offer, with feedback or without', async () => {
    const text = await answer(side(), remote('m=audio 4000 RTP/AVPF 0', 'a=rtcp-fb:* nack'));
    expect(streamOf(text).protocol).toBe('RTP/AVPF');
    expect(text).not.toContain('rtcp-fb');
  });

  it('answers RTCP on the same port only where that was offered (RFC 5761 5.1.1)', async () => {
    const bob = side();
    const text = await answer(bob, remote('m=audio 4000 RTP/AVP 0', 'a=rtcp:5007'));
    expect(streamOf(text).multiplexed).toBe(false);
    expect(agreementOf(bob).remote.controlPort).toBe(5_007);
  });

  it.each([
    ['a=rtcp:5007 IN IP4 192.0.2.7', { controlPort: 5_007, controlAddress: '192.0.2.7' }],
    ['a=rtcp:5007 IN IP4 0.0.0.0', { controlPort: 0 }],
    ['a=rtcp:5007 IN IP4 host.invalid', { controlPort: 0 }],
    ['a=rtcp:5007 IN IP4 224.2.1.1', { controlPort: 5_007 }],
    ['a=rtcp:5007 IN IP4 host.example', { controlPort: 5_007 }],
  ])('sends RTCP by %s to %j (RFC 3605)', async (line, expected) => {
    const bob = side();
    await answer(bob, remote('m=audio 4000 RTP/AVP 0', line));
    expect(agreementOf(bob).remote).toEqual({ address: '198.51.100.9', port: 4_000, ...expected });
    const both = side();
    await answer(both, remote('m=audio 4000 RTP/AVP 0', line, 'a=rtcp-mux'));
    expect(agreementOf(both).remote).toEqual({ address: '198.51.100.9', port: 4_000, controlPort: 4_000 });
  });

  it('offers RTCP on the same port, and does with two what answers with two', async () => {
    const alice = side();
    expect(streamOf(await alice.media.createOffer()).multiplexed).toBe(true);
    await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'));
    expect(agreementOf(alice)).toMatchObject({ multiplexed: false, remote: { controlPort: 4_001 } });
  });

  it.each([
    [[], 20],
    [['a=ptime:40'], 40],
    [['a=ptime:60', 'a=maxptime:30'], 30],
    [['a=ptime:1'], 20],
    [['a=ptime:900'], 20],
  ])('takes the packet time of %j as %i ms', async (lines, expected) => {
    const bob = side();
    await answer(bob, remote('m=audio 4000 RTP/AVP 0', ...lines));
    expect(agreementOf(bob).packetTime).toBe(expected);
  });

  it('answers an offer without streams with none, and offers them itself later (RFC 3264 5)', async () => {
    const bob = side();
    expect(read(await answer(bob, remote())).media).toEqual([]);
    expect(read(await bob.media.createOffer()).media).toHaveLength(1);
  });
});

describe('t= (RFC 3264 6)', () => {
  it('of an answer is that of the offer, and what is said again is said the same', async () => {
    const bob = side();
    const offer = remote('m=audio 4000 RTP/AVP 0').replace('t=0 0', 't=3034423619 3042462419');
    const answered = await answer(bob, offer);
    expect(answered).toContain('\r\nt=3034423619 3042462419\r\n');
    expect(await bob.media.createOffer(true)).toBe(answered);
    bob.media.rollback();
    expect(await answer(bob, remote('m=audio 4000 RTP/AVP 0'))).toContain('\r\nt=0 0\r\n');
  });

  it('that is missing or does not read is for now and without an end', async () => {
    const offer = remote('m=audio 4000 RTP/AVP 0');
    for (const line of ['', 't=now 0\r\n']) {
      expect(await answer(side(), offer.replace('t=0 0\r\n', line))).toContain('\r\nt=0 0\r\n');
    }
  });
});

describe('what is refused', () => {
  it.each([
    ['other media', ['m=video 4000 RTP/AVP 31'], 304],
    ['other formats', ['m=audio 4000 RTP/AVP 3 18'], 305],
    ['events without a voice', ['m=audio 4000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'], 305],
    ['another protocol', ['m=audio 4000 UDP/TLS/RTP/SAVPF 0'], 302],
    ['a group address', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 224.2.1.1/127'], 301],
    ['a host name for an address', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 host.example'], 301],
    ['SRTP that is not there', ['m=audio 4000 RTP/SAVP 0', `a=crypto:1 ${suite} inline:${key}`], 306],
  ])('%s: 488 with a Warning (RFC 3261 20.43)', async (_, lines, warning) => {
    const bob = side();
    expect(await refusal(bob, remote(...lines))).toMatchObject({ kind: 'refused', status: 488, warning });
    expect(bob.engine.streams).toEqual([]);
  });

  it('a body that is no session description: 400', async () => {
    expect(await refusal(side(), 'hello')).toMatchObject({ status: 400 });
  });

  it('an offer when no port is left: 503, and nothing stays open', async () => {
    const bob = side();
    bob.engine.exhausted = true;
    expect(await refusal(bob, remote('m=audio 4000 RTP/AVP 0'))).toMatchObject({ status: 503 });
    await expect(bob.media.createOffer()).rejects.toThrow('no port');
  });

  it('an offer that has lost lines (RFC 3264 8): 488, and the session stands', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    expect(await refusal(bob, remote())).toMatchObject({ status: 488 });
    expect(bob.media.direction).toBe('sendrecv');
  });

  it.each([
    ['an answer of more lines', ['m=audio 4000 RTP/AVP 0', 'm=audio 4002 RTP/AVP 0']],
    ['an answer without lines', []],
    ['an answer with formats that were not offered', ['m=audio 4000 RTP/AVP 18']],
    ['an answer of another kind', ['m=video 4000 RTP/AVP 0']],
    ['an answer in a protocol that was not offered', ['m=audio 4000 TCP/RTP/AVP 0']],
    ['an answer that asks for SRTP without a key', ['m=audio 4000 RTP/SAVP 0']],
  ])('%s', async (_, lines) => {
    const alice = side();
    await alice.media.createOffer();
    expect(await alice.media.acceptAnswer(remote(...lines))).toMatchObject({ status: 488 });
    alice.media.rollback();
    expect(alice.engine.standing).toEqual([]);
  });

  it('an answer that nobody asked for', async () => {
    expect(await side().media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'))).toMatchObject({ kind: 'refused' });
  });
});

describe('a stream that is refused in the answer, or ends', () => {
  it('is closed, stays in its place, and leaves the place to a new offer (RFC 3264 8.1)', async () => {
    const alice = side();
    await alice.media.createOffer();
    expect(await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'))).toBeUndefined();
    await alice.media.createOffer();
    expect(await alice.media.acceptAnswer(remote('m=audio 0 RTP/AVP 0'))).toBeUndefined();
    expect(alice.engine.standing).toEqual([]);
    expect([alice.media.direction, alice.media.remoteHold]).toEqual(['inactive', true]);
    const again = read(await alice.media.createOffer());
    expect(again.media).toHaveLength(1);
    expect(again.media[0]?.port).toBe(10_002);
  });

  it('is no call where it was all that was offered', async () => {
    const alice = side();
    await alice.media.createOffer();
    expect(await alice.media.acceptAnswer(remote('m=audio 0 RTP/AVP 0'), true)).toBeUndefined();
    expect(await alice.media.acceptAnswer(remote('m=audio 0 RTP/AVP 0'))).toMatchObject({ status: 488 });
  });

  it('ends when the far end offers port 0, and can be begun again in its place with new keys', async () => {
    const bob = side([audio({ security: 'optional' })]);
    const line = [`a=crypto:1 ${suite} inline:${key}`];
    const first = await answer(bob, remote('m=audio 4000 RTP/SAVP 0', ...line));
    expect(streamOf(await answer(bob, remote('m=audio 0 RTP/SAVP 0'))).port).toBe(0);
    expect([bob.engine.standing, bob.media.remoteHold]).toEqual([[], true]);
    const third = await answer(bob, remote('m=audio 4000 RTP/SAVP 0', ...line));
    expect(streamOf(third).crypto[0]?.key).not.toBe(streamOf(first).crypto[0]?.key);
    expect(bob.engine.standing).toHaveLength(1);
  });
});

describe('hold (RFC 3264 8.4)', () => {
  it('is sendonly, answered by recvonly: the answerer does not hold back by himself', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    bob.media.localHold = 'sendonly';
    const held = await exchange(bob, alice);
    expect(directionsOf(held.offer, held.answer)).toEqual(['sendonly', 'recvonly']);
    expect([alice.media.remoteHold, bob.media.remoteHold]).toEqual([true, false]);
    expect([alice.media.direction, bob.media.direction]).toEqual(['recvonly', 'sendonly']);
    bob.media.localHold = 'none';
    const resumed = await exchange(bob, alice);
    expect(directionsOf(resumed.offer, resumed.answer)).toEqual(['sendrecv', 'sendrecv']);
    expect(alice.media.remoteHold).toBe(false);
  });

  it('is inactive when nothing is sent, and answered by inactive', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    bob.media.localHold = 'inactive';
    const held = await exchange(bob, alice);
    expect(directionsOf(held.offer, held.answer)).toEqual(['inactive', 'inactive']);
    expect([alice.media.remoteHold, bob.media.remoteHold]).toEqual([true, false]);
  });

  it.each(['sendonly', 'inactive'] as const)('of both, %s, is resumed by each on his own', async (form) => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    bob.media.localHold = form;
    await exchange(bob, alice);
    alice.media.localHold = form;
    const both = await exchange(alice, bob);
    expect(directionsOf(both.offer, both.answer)).toEqual(['inactive', 'inactive']);
    expect([alice.media.remoteHold, bob.media.remoteHold]).toEqual([true, true]);
    bob.media.localHold = 'none';
    const one = await exchange(bob, alice);
    expect(directionsOf(one.offer, one.answer)).toEqual(
      form === 'sendonly' ? ['sendrecv', 'sendonly'] : ['sendrecv', 'inactive'],
    );
    expect([alice.media.remoteHold, bob.media.remoteHold]).toEqual([false, true]);
    alice.media.localHold = 'none';
    const none = await exchange(alice, bob);
    expect(directionsOf(none.offer, none.answer)).toEqual(['sendrecv', 'sendrecv']);
    expect([alice.media.remoteHold, bob.media.remoteHold]).toEqual([false, false]);
  });

  it('stays when the far end makes an offer meanwhile', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    bob.media.localHold = 'sendonly';
    await exchange(bob, alice);
    const refreshed = await exchange(alice, bob);
    expect(directionsOf(refreshed.offer, refreshed.answer)).toEqual(['sendrecv', 'sendonly']);
    expect(alice.media.remoteHold).toBe(true);
  });

  it('by the answerer to the first offer says sendonly', async () => {
    const [alice, bob] = [side(), side()];
    bob.media.localHold = 'sendonly';
    const { answer: text } = await exchange(alice, bob);
    expect(directionsOf(text)).toEqual(['sendonly']);
    expect(alice.media.remoteHold).toBe(true);
  });

  it.each([
    ['0.0.0.0', 'sendrecv', 'recvonly'],
    ['0.0.0.0', 'sendonly', 'recvonly'],
    ['0.0.0.0', 'inactive', 'inactive'],
    ['invalid', 'sendrecv', 'recvonly'],
  ])(
    'in the old form, c=%s with %s, is answered by %s and this side’s address',
    async (address, direction, expected) => {
      const bob = side();
      await answer(bob, remote('m=audio 4000 RTP/AVP 0'));
      const old = remote('m=audio 4000 RTP/AVP 0', `c=IN IP4 ${address}`, `a=${direction}`);
      const text = await answer(bob, old);
      expect(streamOf(text)).toMatchObject({ direction: expected, address: '192.0.2.1' });
      expect(bob.media.remoteHold).toBe(true);
      expect(agreementOf(bob).remote.address).toBe(address);
      await answer(bob, remote('m=audio 4000 RTP/AVP 0'));
      expect(bob.media.remoteHold).toBe(false);
    },
  );

  it('in the old form in an answer is understood, too', async () => {
    const alice = side();
    await alice.media.createOffer();
    await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'));
    expect([alice.media.remoteHold, alice.media.direction]).toEqual([true, 'recvonly']);
  });

  it('believes no answer that takes more than was offered (RFC 3264 6.1)', async () => {
    const alice = side();
    alice.media.localHold = 'sendonly';
    await alice.media.createOffer();
    await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'));
    expect(alice.media.direction).toBe('sendonly');
  });
});

describe('o= (RFC 3264 8, RFC 8866 5.2)', () => {
  it('CX-13 goes up by one exactly when something has changed, and keeps its session', async () => {
    const [alice, bob] = [side(), side()];
    const origins = [];
    for (const hold of ['none', 'none', 'sendonly', 'sendonly', 'none'] as const) {
      alice.media.localHold = hold;
      origins.push(read((await exchange(alice, bob)).offer).origin);
    }
    const [first] = origins;
    expect(origins.map(({ version }) => version - (first?.version ?? 0))).toEqual([0, 0, 1, 1, 2]);
    expect(new Set(origins.map(({ sessionId, address }) => `${sessionId} ${address}`)).size).toBe(1);
  });

  it('never goes back, for the far end may have seen what came to nothing', async () => {
    const [alice, bob] = [side(), side()];
    const version = (text: string): number => read(text).origin.version;
    const first = version((await exchange(alice, bob)).offer);
    alice.media.localHold = 'sendonly';
    const second = version(await alice.media.createOffer());
    alice.media.rollback();
    expect(alice.media.localHold).toBe('none');
    expect([second, version(await alice.media.createOffer())]).toEqual([first + 1, first + 2]);
  });
});

describe('a refresh (RFC 4028 7.4)', () => {
  it('says word for word what was said last, as an offer or as an answer', async () => {
    const [alice, bob] = [side(), side()];
    const { offer } = await exchange(alice, bob);
    expect(await alice.media.createOffer(true)).toBe(offer);
    alice.media.rollback();
    alice.media.localHold = 'sendonly';
    const { answer: text } = await exchange(alice, bob);
    expect(await bob.media.createOffer(true)).toBe(text);
    expect(await bob.media.acceptAnswer(await answer(alice, text))).toBeUndefined();
    expect([bob.media.direction, bob.media.remoteHold]).toEqual(['recvonly', true]);
  });
});

describe('formats of later offers', () => {
  it('keep the meaning of every number, whoever gave it away (RFC 3264 8.3.2)', async () => {
    const bob = side([audio({ formats: [opus, pcmu, events] })]);
    await answer(bob, remote('m=audio 4000 RTP/AVP 111 101', 'a=rtpmap:111 opus/48000/2', 'a=rtpmap:101 L16/8000'));
    expect(streamOf(await bob.media.createOffer()).formatList).toEqual(['111', '0', '101']);
    bob.media.rollback();
    const swapped = ['a=rtpmap:111 telephone-event/8000', 'a=rtpmap:96 opus/48000/2'];
    await answer(bob, remote('m=audio 4000 RTP/AVP 96 0 111', ...swapped));
    const again = streamOf(await bob.media.createOffer());
    expect(again.formats.find(({ payloadType }) => payloadType === 111)?.encoding).toBe('opus');
    expect(new Set(again.formatList).size).toBe(3);
  });
});

describe('rollback (RFC 3261 14.1)', () => {
  it('of an offer leaves all as it was, and closes what it had opened', async () => {
    const alice = side();
    await alice.media.createOffer();
    alice.media.rollback();
    expect(alice.engine.standing).toEqual([]);
    expect(alice.engine.streams.map(({ closed }) => closed)).toEqual([1]);
  });

  it('of an answer that did not go out leaves the agreement', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    const before = agreementOf(bob);
    const text = await bob.media.createAnswer(remote('m=audio 4000 RTP/AVP 8', 'a=sendonly', 'm=video 1 RTP/AVP 31'));
    expect(text).toBeTypeOf('string');
    bob.media.rollback();
    bob.media.commit();
    expect(agreementOf(bob)).toBe(before);
    expect(bob.media.remoteHold).toBe(false);
    expect(read(await bob.media.createOffer()).media).toHaveLength(1);
  });

  it('puts the hold back that found no port', async () => {
    const alice = side();
    alice.engine.exhausted = true;
    alice.media.localHold = 'sendonly';
    await expect(alice.media.createOffer()).rejects.toThrow('no port');
    alice.media.rollback();
    expect(alice.media.localHold).toBe('none');
  });

  it('after an early answer takes it back', async () => {
    const alice = side();
    await alice.media.createOffer();
    await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'), true);
    alice.media.rollback();
    expect([alice.media.direction, alice.engine.standing]).toEqual(['inactive', []]);
  });
});

describe('answers of a fork (RFC 3261 13.2.2.4)', () => {
  it('count one after the other, as long as they are early', async () => {
    const alice = side();
    await alice.media.createOffer();
    await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'), true);
    await alice.media.acceptAnswer(remote('m=audio 5000 RTP/AVP 8'), true);
    expect(agreementOf(alice)).toMatchObject({ remote: { port: 5_000 }, send: pcma });
    await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'));
    expect(agreementOf(alice)).toMatchObject({ remote: { port: 4_000 }, send: pcmu });
    expect(await alice.media.acceptAnswer(remote('m=audio 5000 RTP/AVP 8'))).toMatchObject({ kind: 'refused' });
  });
});

describe('SRTP by SDES (RFC 4568)', () => {
  const crypto = `a=crypto:7 ${suite} inline:${key}`;

  it('is offered in RTP/SAVP where it is required, and each side sends with its own key', async () => {
    const [alice, bob] = [
      side([audio({ security: 'required' })]),
      side([audio({ security: 'optional' })], '192.0.2.2'),
    ];
    const texts = await exchange(alice, bob);
    expect(streamOf(texts.offer)).toMatchObject({ protocol: 'RTP/SAVP' });
    expect(streamOf(texts.offer).crypto).toHaveLength(2);
    expect(streamOf(texts.answer).crypto).toHaveLength(1);
    const [one, other] = [agreementOf(alice).crypto, agreementOf(bob).crypto];
    expect(one).toBeDefined();
    expect([one?.send, one?.receive]).toEqual([other?.receive, other?.send]);
  });

  it('answers with the tag and suite that it chose (7.1.2)', async () => {
    const bob = side([audio({ security: 'optional', cryptoSuites: [suite] })]);
    const text = await answer(
      bob,
      remote('m=audio 4000 RTP/SAVP 0', `a=crypto:3 AES_256_CM_HMAC_SHA1_80 inline:${'a'.repeat(62)}`, crypto),
    );
    expect(streamOf(text).crypto).toMatchObject([{ tag: 7, suite }]);
    expect(streamOf(text).crypto[0]?.key).not.toBe(key);
  });

  it('is offered in RTP/AVP where it is optional, and not insisted upon', async () => {
    const alice = side([audio({ security: 'optional' })]);
    const offer = streamOf(await alice.media.createOffer());
    expect([offer.protocol, offer.crypto.length]).toEqual(['RTP/AVP', 2]);
    expect(await alice.media.acceptAnswer(remote('m=audio 4000 RTP/AVP 0'))).toBeUndefined();
    expect(agreementOf(alice).crypto).toBeUndefined();
    expect(streamOf(await alice.media.createOffer()).crypto).toEqual([]);
  });

  it.each(['RTP/AVP', 'RTP/SAVP'])('takes an answer with a key in %s to that', async (protocol) => {
    const alice = side([audio({ security: 'optional' })]);
    await alice.media.createOffer();
    await alice.media.acceptAnswer(remote(`m=audio 4000 ${protocol} 0`, `a=crypto:1 ${suite} inline:${key}`));
    expect(agreementOf(alice).crypto?.receive.key).toBe(key);
    expect(streamOf(await alice.media.createOffer()).crypto).toHaveLength(2);
  });

  it('answers keys in RTP/AVP with a key, or without where there is none', async () => {
    const offer = remote('m=audio 4000 RTP/AVP 0', crypto);
    expect(streamOf(await answer(side([audio({ security: 'optional' })]), offer)).crypto).toHaveLength(1);
    expect(streamOf(await answer(side(), offer)).crypto).toEqual([]);
  });

  it('takes the stream with keys of two that are offered', async () => {
    const bob = side([audio({ security: 'optional' })]);
    const text = await answer(bob, remote('m=audio 4000 RTP/AVP 0', 'm=audio 4000 RTP/SAVP 0', crypto));
    expect(read(text).media.map(({ port }) => port)).toEqual([0, 10_000]);
  });

  it.each([
    ['an offer without keys', ['m=audio 4000 RTP/AVP 0']],
    ['an offer of unknown suites', ['m=audio 4000 RTP/SAVP 0', `a=crypto:1 AEAD_AES_256_GCM inline:${'a'.repeat(59)}`]],
  ])('refuses %s where it is required', async (_, lines) => {
    expect(await refusal(side([audio({ security: 'required' })]), remote(...lines))).toMatchObject({ status: 488 });
  });

  it.each([
    ['no key', []],
    ['a key for a tag that was not offered', [`a=crypto:9 ${suite} inline:${key}`]],
    ['a key for another suite than that of its tag', [`a=crypto:2 ${suite} inline:${key}`]],
  ])('refuses an answer with %s where it is required', async (_, lines) => {
    const alice = side([audio({ security: 'required' })]);
    await alice.media.createOffer();
    expect(await alice.media.acceptAnswer(remote('m=audio 4000 RTP/SAVP 0', ...lines))).toMatchObject({ status: 488 });
  });

  it('has other keys for other streams', async () => {
    const capabilities = [
      audio({ security: 'required' }),
      { ...audio({ security: 'required' }), kind: 'video' as const },
    ];
    const offer = read(await side(capabilities).media.createOffer());
    const keys = offer.media.flatMap(({ crypto: lines }) => lines.map((line) => line.key));
    expect([keys.length, new Set(keys).size]).toEqual([4, 4]);
  });
});

describe('what a stream is told', () => {
  it('is told once for each agreement that is another', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    await exchange(alice, bob);
    expect(bob.engine.streams.map(({ applied }) => applied.length)).toEqual([1]);
  });

  it('is nothing before the answer went out', async () => {
    const bob = side();
    await bob.media.createAnswer(remote('m=audio 4000 RTP/AVP 0'));
    expect(bob.engine.streams.map(({ applied }) => applied.length)).toEqual([0]);
  });
});

describe('close', () => {
  it('leaves no stream open, in whatever state, and closes each once', async () => {
    const [alice, bob] = [side(), side()];
    await exchange(alice, bob);
    await alice.media.createOffer();
    for (const { media, engine } of [alice, bob]) {
      media.close();
      media.close();
      expect(engine.streams.map(({ closed }) => closed)).toEqual([1]);
    }
  });

  it('while a port is being opened closes it as soon as it is open', async () => {
    const alice = side();
    const offer = alice.media.createOffer();
    alice.media.close();
    await expect(offer).rejects.toThrow('ended');
    expect(alice.engine.standing).toEqual([]);
  });
});
