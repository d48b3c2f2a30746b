import { SipUri } from '@switchhook/sip';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endSentenceOf } from './call-end.ts';
import { HostilePeer } from './hostile-peer.testing.ts';
import { TestHouse } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';

const honest = [
  'v=0',
  'o=- 7 1 IN IP4 192.0.2.66',
  's=-',
  'c=IN IP4 192.0.2.66',
  't=0 0',
  'm=audio 4000 RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=sendrecv',
];

const description = `${honest.join('\r\n')}\r\n`;

const plain = {
  ...{ tag: 'a', contact: '<sip:m@192.0.2.66>', type: 'application/sdp', body: undefined, extras: [] },
  ...{ sequence: 1, isWithin: true },
};

/** A line that has no business where it stands, or contradicts another. */
const lie = fc.constantFrom(
  'm=audio 0 RTP/AVP 0',
  'm=audio 4002 RTP/AVP 0',
  'm=audio 99999 RTP/AVP 0',
  'm=audio 4000/3 RTP/AVP 0',
  'm=audio 4000 RTP/AVP 0 0 0',
  'm=audio 4000 RTP/AVP 128',
  'm=audio 4000 RTP/AVP 97',
  'm=audio 4000 RTP/AVP',
  'm=audio 4000 RTP/SAVP 0',
  'm=audio 4000 UDP/TLS/RTP/SAVPF 0',
  'm=video 4000 RTP/AVP 0',
  'm=image 4000 udptl t38',
  'm=',
  'c=IN IP4 0.0.0.0',
  'c=IN IP6 2001:db8::1',
  'c=IN IP4 224.2.1.1/127',
  'c=IN IP4 example.invalid',
  'c=IN IP4 192.0.2.1',
  'c=IN IP4',
  'o=- 7 0 IN IP4 192.0.2.66',
  'o=- 99999999999999999999 99999999999999999999 IN IP4 x',
  'a=rtpmap:0 PCMA/8000',
  'a=rtpmap:0 PCMU/0',
  'a=rtpmap:0 PCMU/8000/99',
  'a=rtpmap:97 opus/48000/2',
  'a=rtpmap:101 PCMU/8000',
  'a=rtpmap:x',
  'a=fmtp:0 =;=;mode',
  'a=fmtp:101 0-15,99999-3',
  'a=ptime:0',
  'a=ptime:-20',
  'a=ptime:99999999',
  'a=maxptime:0',
  'a=rtcp:0',
  'a=rtcp:99999 IN IP4 192.0.2.1',
  'a=rtcp-mux',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:short',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80',
  'a=crypto:0 UNKNOWN inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA|2^99|1:999',
  'a=setup:actpass',
  'a=fingerprint:sha-256 00',
  'a=sendonly',
  'a=recvonly',
  'a=inactive',
  'a=sendrecv',
  'a=group:BUNDLE 0 0',
  'a=mid:0',
  'b=AS:-1',
  't=x',
  'v=9',
  'é=\u0000',
  '',
  'x'.repeat(3_000),
);

/** A session description with lines left out, said twice, moved and made up. */
const lies = fc
  .array(fc.record({ at: fc.nat(12), remove: fc.nat(2), add: fc.array(lie, { maxLength: 2 }) }), { maxLength: 4 })
  .map((edits) => {
    const lines = [...honest];
    for (const { at, remove, add } of edits) lines.splice(at, remove, ...add);
    return `${lines.join('\r\n')}\r\n`;
  });

const type = fc.constantFrom(
  'application/sdp',
  'application/sdp',
  'application/sdp',
  'text/plain',
  'multipart/mixed;boundary=x',
  'application/sdp;handling=optional',
  '',
);
const extra = fc.constantFrom<readonly [string, string]>(
  ['Require', 'unknown'],
  ['Supported', '100rel, timer'],
  ['Session-Expires', '90;refresher=uac'],
  ['Session-Expires', '1'],
  ['Session-Expires', 'x'],
  ['Min-SE', '4294967295'],
  ['RSeq', '1'],
  ['RSeq', '4294967295'],
  ['Content-Encoding', 'gzip'],
  ['Content-Disposition', 'render;handling=required'],
  ['Record-Route', '<sip:192.0.2.66>'],
  ['Record-Route', '<sip:192.0.2.66;lr>, <sip:nowhere.invalid;lr>'],
  ['Record-Route', '<<>>'],
  ['Retry-After', '99999999999'],
  ['Warning', 'x'],
  ['Allow', ''],
  ['Replaces', 'x'],
  ['Join', 'x;to-tag=1;from-tag=2'],
  ['Target-Dialog', 'x'],
);
const extras = fc.array(extra, { maxLength: 2 });
const contact = fc.constantFrom(
  '<sip:m@192.0.2.66>',
  '<sip:m@192.0.2.66>',
  '<sip:m@192.0.2.66>, <sip:n@192.0.2.66>',
  '*',
  '<sip:>',
  '<mailto:m@192.0.2.66>',
  '<sips:m@192.0.2.66>',
  '<sip:m@nowhere.invalid>',
  undefined,
);

const response = fc.record({
  kind: fc.constant('response' as const),
  status: fc.constantFrom(
    100,
    180,
    183,
    199,
    200,
    200,
    200,
    202,
    299,
    302,
    404,
    422,
    486,
    487,
    491,
    500,
    503,
    600,
    699,
  ),
  tag: fc.constantFrom('a', 'a', 'a', 'b', 'c', ''),
  contact,
  type,
  body: fc.option(lies, { nil: undefined, freq: 3 }),
  extras,
  to: fc.constantFrom('INVITE', 'INVITE', 'INVITE', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'REFER', 'any'),
});
const request = fc
  .record({
    kind: fc.constant('request' as const),
    method: fc.constantFrom(
      ...['INVITE', 'INVITE', 'INVITE', 'ACK', 'ACK', 'BYE', 'CANCEL', 'UPDATE', 'PRACK', 'INFO', 'OPTIONS', 'MESSAGE'],
      ...['REFER', 'NOTIFY', 'SUBSCRIBE', 'PUBLISH', 'FOO'],
    ),
    tag: fc.constantFrom('a', 'a', 'a', 'b', ''),
    sequence: fc.constantFrom(0, 1, 1, 2, 2, 3, 3, 4, 5, 2 ** 31 - 1, 2 ** 31),
    isWithin: fc.boolean(),
    isOfInvite: fc.boolean(),
    contact,
    type,
    body: fc.option(lies, { nil: undefined, freq: 3 }),
    extras,
  })
  .map((made) => ({ ...made, isOfInvite: made.isOfInvite || made.method === 'CANCEL' }));
const person = fc.record({
  kind: fc.constant('person' as const),
  does: fc.constantFrom('answer', 'answer', 'hold', 'resume', 'hangUp', 'reject', 'digits', 'transfer', 'music'),
});
const wait = fc.record({
  kind: fc.constant('wait' as const),
  milliseconds: fc.constantFrom(1, 20, 600, 5_000, 40_000),
});
/** How far a call has come when the lies begin. */
const beginning = fc.constantFrom('no call', 'phone calls', 'phone calls, peer answers', 'peer calls', 'phone answers');
const story = fc.record({
  beginning,
  seed: fc.nat(1_000),
  steps: fc.array(fc.oneof(response, response, request, request, person, wait), { maxLength: 14 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;
type Step = Story['steps'][number];

function act({ phone }: TestPhone, does: Extract<Step, { kind: 'person' }>['does']): void {
  const call = phone.calls.at(-1);
  if (call === undefined) return;
  const nothing = (): undefined => undefined;
  const doing = {
    answer: () => call.answer(),
    hold: () => call.hold(),
    resume: () => call.resume(),
    hangUp: () => call.hangUp(),
    reject: () => call.reject(),
    digits: () => call.sendDigits('12'),
    transfer: () => call.transfer('sip:bob@192.0.2.77'),
    music: () => call.holdWithMusic('sip:m@192.0.2.66'),
  };
  const outcome: Promise<unknown> = doing[does]();
  outcome.catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'PhoneError') throw error;
  });
  outcome.then(nothing, nothing);
}

async function begin(
  beginning: Story['beginning'],
  house: TestHouse,
  alice: TestPhone,
  peer: HostilePeer,
): Promise<void> {
  if (beginning === 'no call') return;
  const isPhones = beginning === 'phone calls' || beginning === 'phone calls, peer answers';
  if (isPhones) {
    alice.phone.call(`sip:m@${peer.address}`).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'PhoneError') throw error;
    });
  } else peer.request({ ...plain, method: 'INVITE', isWithin: false, body: description }, alice);
  await house.play(100);
  if (beginning === 'phone calls, peer answers') {
    peer.respond({ ...plain, status: 200, to: 'INVITE', body: description });
  } else if (beginning === 'phone answers') {
    act(alice, 'answer');
    await house.play(50);
    peer.request({ ...plain, method: 'ACK' }, alice);
  }
  await house.play(50);
}

const leaving = [
  ['says that it is gone', (peer: HostilePeer) => peer.respond({ ...plain, status: 199, to: 'INVITE' })],
  [
    'has hung up',
    (peer: HostilePeer, alice: TestPhone) => {
      peer.respond({ ...plain, status: 180, to: 'INVITE' });
      peer.request({ ...plain, method: 'BYE' }, alice);
    },
  ],
] as const;

test.each(leaving)('a call whose far end %s before it answers has an end', async (_, leave) => {
  const house = new TestHouse();
  const alice = await house.phone('alice');
  const peer = new HostilePeer(house);
  const call = alice.phone.dial(`sip:m@${peer.address}`);
  await house.play(50);
  leave(peer, alice);
  await house.play(50);
  peer.respond({ ...plain, status: 200, to: 'INVITE', body: description });
  await house.play(50);
  expect(call.state).toBe('ended');
  await house.play(70_000);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

test.each(leaving)(
  'a call whose far end %s before it is taken back from a music server has an end',
  async (_, leave) => {
    const house = new TestHouse();
    const alice = await house.phone('alice');
    const peer = new HostilePeer(house);
    const dialled = alice.phone.call(`sip:m@${peer.address}`);
    await house.play(50);
    peer.respond({ ...plain, status: 200, to: 'INVITE', body: description });
    await house.play(50);
    const call = await dialled;
    const held = call.hold();
    await house.play(50);
    peer.respond({ ...plain, status: 200, to: 'INVITE', body: description.replace('sendrecv', 'recvonly') });
    await house.play(50);
    await held;
    call.lend();
    call.lent({ target: SipUri.of({ host: peer.address, user: 'm' }), headers: [] });
    const resumed = call.resume();
    await house.play(50);
    leave(peer, alice);
    await house.play(50);
    peer.respond({ ...plain, status: 200, to: 'INVITE', body: description });
    await house.play(50);
    await resumed;
    expect(call.state).toBe('ended');
    await house.play(70_000);
    for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
  },
);

test('whatever a far end says and does, each call has an end with a word for it, and nothing is left over', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(story, async ({ beginning, seed, steps }) => {
      const house = new TestHouse(seed);
      const alice = await house.phone('alice', { ringTime: 30_000 });
      const peer = new HostilePeer(house);
      const seen = new Set(alice.phone.calls);
      alice.phone.onEvent((event) => {
        if (event.kind === 'incoming-call' || event.kind === 'outgoing-call') seen.add(event.call);
      });
      await begin(beginning, house, alice, peer);
      for (const step of steps) {
        if (step.kind === 'wait') await house.play(step.milliseconds);
        else if (step.kind === 'person') act(alice, step.does);
        else if (step.kind === 'response') peer.respond(step);
        else peer.request(step, alice);
        await house.play(10);
      }
      for (const call of alice.phone.calls) call.hangUp().catch(() => undefined);
      await house.play(140_000);
      if ([...seen].some(({ answeredAt }) => answeredAt !== undefined)) answered += 1;
      for (const call of seen) {
        expect(call.end).toBeDefined();
        if (call.end !== undefined) expect(endSentenceOf(call.end, 'm')).toMatch(/^.{5,}$/);
      }
      const { calls: standing, sessions, streams } = alice.phone.stats();
      expect({ standing, sessions, streams }).toEqual({ standing: 0, sessions: 0, streams: 0 });
      for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
    }),
    { numRuns: 60, seed: 3261 },
  );
  // The lies reach calls that stand.
  expect(answered).toBeGreaterThanOrEqual(20);
}, 60_000);
