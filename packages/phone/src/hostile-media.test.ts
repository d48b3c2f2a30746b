import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { endSentenceOf } from './call-end.ts';
import { HostilePeer } from './hostile-peer.testing.ts';
import { TestHouse } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';

const plain = {
  ...{ tag: 'a', contact: '<sip:m@192.0.2.66>', type: 'application/sdp', extras: [], body: undefined },
  ...{ sequence: 1, isWithin: true },
};

/** A session description with some lines in the place of others; those of one letter that begin alike go. */
function says(...lines: readonly string[]): string {
  const honest = ['v=0', 'o=- 7 1 IN IP4 192.0.2.66', 's=-', 'c=IN IP4 192.0.2.66', 't=0 0', 'm=audio 4000 RTP/AVP 0'];
  const kept = honest.filter((line) => !lines.some((each) => each.slice(0, 2) === line.slice(0, 2)));
  const order = (line: string): number => 'vosctma'.indexOf(line.charAt(0));
  return (
    [...kept, ...lines]
      .filter((line) => line.length > 2)
      .toSorted((a, b) => order(a) - order(b))
      .join('\r\n') + '\r\n'
  );
}
const key = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const suite = 'AES_CM_128_HMAC_SHA1_80';
const noKey = 'the answer has no key for SRTP';
const streams = (count: number): string[] => Array.from({ length: count }, () => 'm=audio 4000 RTP/AVP 0');

/** What is said, how an offer of it is answered, what the person is told where it is the answer, and how a re-INVITE is answered. */
type Lie = readonly [what: string, body: string, offer: number, answer: string, again: number];

const taken = 'PCMU';
const lies: readonly Lie[] = [
  // RFC 3725 4.3: a call may begin without a stream. Nothing is to be heard, and so it is shown.
  ['port 0', says('m=audio 0 RTP/AVP 0'), 200, 'the answer has no stream', 200],
  ['no m=', says('m='), 200, 'the answer has another number of streams than the offer', 488],
  ['a port beyond all', says('m=audio 70000 RTP/AVP 0'), 400, 'a port is over 65535', 400],
  ['a huge number for a port', says(`m=audio ${'9'.repeat(20)} RTP/AVP 0`), 400, 'an m= line does not read', 400],
  ['a negative port', says('m=audio -1 RTP/AVP 0'), 400, 'an m= line does not read', 400],
  ['no address at all', says('c='), 400, 'a stream has no address', 400],
  // A linphone says so on a machine of both families, and sends from its IPv4 all the same: it is heard once it does.
  ['the other family', says('c=IN IP6 fd00::2'), 200, taken, 200],
  ['IP4 for what is not', says('c=IN IP4 2001:db8::66'), 200, taken, 200],
  ['a group of receivers', says('c=IN IP4 224.0.0.1/127'), 488, 'the address 224.0.0.1 is not of one host', 488],
  ['all of the network', says('c=IN IP4 255.255.255.255'), 488, 'the address 255.255.255.255 is not of one host', 488],
  ['a name', says('c=IN IP4 media.example.com'), 488, 'the address media.example.com is not of one host', 488],
  ['nowhere', says('c=IN IP4 0.0.0.0'), 200, taken, 200],
  ['32 streams', says(...streams(32)), 200, 'the answer has another number of streams than the offer', 200],
  ['33 streams', says(...streams(33)), 488, 'the session description has too many streams', 488],
  ['a thousand streams', says(...streams(1_000)), 413, 'the session description has too many lines', 413],
  ['one payload type thrice', says('m=audio 4000 RTP/AVP 0 0 0'), 200, taken, 200],
  [
    'a number for two codecs',
    says('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:0 G722/8000'),
    200,
    taken,
    200,
  ],
  ['PCMU that is none', says('a=rtpmap:0 PCMU/44100'), 488, 'the answer has no format that was offered', 488],
  ['numbers beyond all', says('m=audio 4000 RTP/AVP 0 999'), 400, 'a payload type is no number from 0 to 127', 400],
  ['65 formats', says(`m=audio 4000 RTP/AVP ${'0 '.repeat(64)}0`), 488, 'an m= line has too many formats', 488],
  ['a key that is none, in the clear', says(`a=crypto:1 ${suite} inline:x`, 'a=crypto:'), 200, taken, 200],
  ['a key that is none', says('m=audio 4000 RTP/SAVP 0', `a=crypto:1 ${suite} inline:x`), 488, noKey, 488],
  ['no key', says('m=audio 4000 RTP/SAVP 0'), 488, noKey, 488],
  ['a key, to who has no SRTP', says('m=audio 4000 RTP/SAVP 0', `a=crypto:1 ${suite} inline:${key}`), 488, noKey, 488],
  ['nothing of the kind', 'hello', 400, 'the session description does not begin with v=0', 400],
  ['no o=', says('o='), 400, 'the session description has no valid o=', 400],
  ['another version', says('v=1'), 400, 'the session description does not begin with v=0', 400],
  ['endless numbers in o=', says(`o=- ${'9'.repeat(64)} ${'9'.repeat(64)} IN IP4 192.0.2.66`), 200, taken, 200],
  ['33,000 characters', says(`a=${'x'.repeat(33_000)}`), 413, 'the session description is too long', 413],
  ['packets of an hour', says('a=ptime:3600000', 'a=maxptime:0'), 200, taken, 200],
];

async function stage(): Promise<{ house: TestHouse; alice: TestPhone; peer: HostilePeer }> {
  const house = new TestHouse();
  const alice = await house.phone('alice');
  return { house, alice, peer: new HostilePeer(house) };
}

/** Hangs up what stands, and looks that nothing is left; what the person is told of the end. */
async function endOf(house: TestHouse, call: Call | undefined): Promise<string | undefined> {
  call?.hangUp().catch(() => undefined);
  await house.play(140_000);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
  return call?.end && endSentenceOf(call.end, 'm');
}

describe.each(lies)('who says %s', (_, body, offer, answer, again) => {
  test('in an offer is answered, and rings only where there may be sound', async () => {
    const { house, alice, peer } = await stage();
    peer.request({ ...plain, method: 'INVITE', isWithin: false, body }, alice);
    await house.play(100);
    const [call] = alice.phone.calls;
    expect(call === undefined).toBe(offer >= 300);
    call?.answer().catch(() => undefined);
    await house.play(100);
    expect(peer.statusOf('INVITE')).toBe(offer);
    peer.request({ ...plain, method: 'ACK' }, alice);
    await house.play(15_000);
    // Whoever sends nothing is missed, or was heard to want nothing.
    expect(call === undefined || call.silent || call.remoteHold).toBe(true);
    expect(await endOf(house, call)).toBe(call && 'you hung up on m');
  });

  test('in an answer is heard, or hung up on with a word for it', async () => {
    const { house, alice, peer } = await stage();
    const call = alice.phone.dial(`sip:m@${peer.address}`);
    await house.play(100);
    peer.respond({ ...plain, status: 200, to: 'INVITE', body });
    await house.play(15_000);
    expect(call.sound?.codec).toBe(answer === taken ? taken : undefined);
    expect(call.state).toBe(answer === taken ? 'connected' : 'ended');
    const nothing = `m has no codec or protection of sound in common with this phone: ${answer}`;
    expect(await endOf(house, call)).toBe(answer === taken ? 'you hung up on m' : nothing);
  });

  test('in a call is answered, and the call goes on', async () => {
    const { house, alice, peer } = await stage();
    const call = alice.phone.dial(`sip:m@${peer.address}`);
    await house.play(100);
    peer.respond({ ...plain, status: 200, to: 'INVITE', body: says() });
    await house.play(200);
    peer.request({ ...plain, method: 'INVITE', of: 'ACK', body }, alice);
    await house.play(200);
    expect(peer.statusOf('INVITE')).toBe(again);
    peer.request({ ...plain, method: 'ACK', of: 'ACK' }, alice);
    await house.play(200);
    expect(call.state).toBe('connected');
    expect(await endOf(house, call)).toBe('you hung up on m');
  });
});
