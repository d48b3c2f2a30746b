import { expect, test } from 'vitest';
import type { WatchedPacket } from '../stage/watched-network.ts';
import { mostMedia, Recorder } from './recorder.ts';

const participants = ['alice', 'proxy', 'bob'].map((element) => ({ element, hosts: [element] }));
const options = (from: string): string =>
  `OPTIONS sip:x@example.com SIP/2.0\r\nVia: SIP/2.0/UDP ${from};branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n` +
  'To: <sip:b@x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n';

function tapped(): Recorder {
  const recorder = new Recorder(participants);
  recorder.locate('alice', '127.0.0.1', 5_070);
  recorder.locate('proxy', '127.0.0.1', 5_060);
  recorder.locate('bob', '192.0.2.9');
  return recorder;
}

const at = (port: number, address = '127.0.0.1'): { address: string; port: number } => ({ address, port });

test('a message between two that are tapped is taken down once', () => {
  const recorder = tapped();
  const [alice, proxy] = [recorder.tap('alice'), recorder.tap('proxy')];
  const message = { time: 1, from: at(5_070), to: at(5_060), protocol: 'UDP', text: options('a') } as const;
  alice.record(message);
  proxy.record({ ...message, time: 2 });
  const { messages } = recorder.conversation(9);
  expect(messages.map(({ time, from, to }) => [time, from, to])).toEqual([[1, 'alice', 'proxy']]);
});

test('an answer over a connection whose port nobody has told is taken down once, where it comes', () => {
  const recorder = tapped();
  const [alice, bob] = [recorder.tap('alice'), recorder.tap('bob')];
  const request = {
    time: 1,
    from: at(50_000),
    to: at(5_060, '192.0.2.9'),
    protocol: 'TCP',
    text: options('a'),
  } as const;
  const answer = { time: 3, from: request.to, to: request.from, protocol: 'TCP', text: options('b') } as const;
  alice.record(request);
  bob.record({ ...request, time: 2 });
  bob.record(answer);
  alice.record({ ...answer, time: 4 });
  const { messages } = recorder.conversation(9);
  expect(messages.map(({ time, from, to }) => [time, from, to])).toEqual([
    [1, 'alice', 'bob'],
    [3, 'bob', 'alice'],
  ]);
});

test('what comes from somebody who is not tapped is taken down where it comes, whatever port he has', () => {
  const recorder = tapped();
  const proxy = recorder.tap('proxy');
  proxy.record({ time: 1, from: at(40_000, '192.0.2.9'), to: at(5_060), protocol: 'TCP', text: options('b') });
  proxy.record({ time: 2, from: at(5_060), to: at(40_000, '192.0.2.9'), protocol: 'TCP', text: options('p') });
  proxy.record({ time: 3, from: at(1, '198.51.100.1'), to: at(5_060), protocol: 'TCP', text: options('stranger') });
  expect(recorder.conversation(9).messages.map(({ from, to }) => `${from} ${to}`)).toEqual(['bob proxy', 'proxy bob']);
});

test('keep-alives are no messages, and what does not read is one with a fault', () => {
  const recorder = new Recorder(participants);
  const say = (text: string): void => recorder.say({ time: 1, from: 'alice', to: 'proxy', protocol: 'UDP', text });
  say('\r\n\r\n');
  say('\x00\x01\x00\x00\x21\x12\xa4\x42 and so on');
  say('HELLO\r\n\r\n');
  const { messages } = recorder.conversation(9);
  expect(messages.map(({ text }) => text)).toEqual(['HELLO\r\n\r\n']);
  expect(messages[0]?.fault).toBeDefined();
});

test('packets and sounds that follow on one another are one interval; nobody watching is not silence', () => {
  const recorder = new Recorder(participants);
  expect(recorder.conversation(9)).toMatchObject({ rtp: undefined, heard: undefined });
  recorder.watchRtp();
  recorder.listen();
  expect(recorder.conversation(9)).toMatchObject({ rtp: [], heard: [] });
  for (const time of [0, 20, 40, 1_000, 1_020]) recorder.packet(time, 'alice', 'bob');
  recorder.packet(30, 'bob', 'alice');
  recorder.hear(100, 200, 'bob', 'alice');
  expect(recorder.isSent('bob', 1_020)).toBe(true);
  expect(recorder.isSent('bob', 1_021)).toBe(false);
  expect(recorder.isSent('carol', 0)).toBe(false);
  expect(recorder.hears('bob', undefined, 200)).toBe(true);
  expect(recorder.hears('bob', 'alice', 200)).toBe(true);
  expect(recorder.hears('bob', 'carol', 200)).toBe(false);
  expect(recorder.hears('bob', undefined, 201)).toBe(false);
  const { rtp, heard } = recorder.conversation(2_000);
  expect(rtp).toEqual([
    { from: 'alice', to: 'bob', start: 0, end: 40, packets: 3 },
    { from: 'alice', to: 'bob', start: 1_000, end: 1_020, packets: 2 },
    { from: 'bob', to: 'alice', start: 30, end: 30, packets: 1 },
  ]);
  expect(heard).toEqual([{ at: 'bob', source: 'alice', start: 100, end: 200 }]);
});

test('a device that was called by the address of another is known by the tag that it has answered with', () => {
  const recorder = new Recorder(participants);
  recorder.locate('proxy', '127.0.0.1', 5_060);
  recorder.introduce('bob', 'b4');
  const proxy = recorder.tap('proxy');
  const message = (start: string, method: string, from: string, to: string): string =>
    `${start}\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK2\r\nFrom: ${from}\r\nTo: ${to}\r\nCall-ID: 7\r\nCSeq: 1 ${method}\r\n\r\n`;
  const registered = options('b').replace('sip:a@x', 'sip:b4@x');
  proxy.record({ time: 1, from: at(40_000), to: at(5_060), protocol: 'TCP', text: registered });
  const ok = message('SIP/2.0 200 OK', 'INVITE', '<sip:alice@x>;tag=a', '<sip:bob@x>;tag=b');
  proxy.record({ time: 2, from: at(40_000), to: at(5_060), protocol: 'TCP', text: ok });
  // Over a connection of its own, whose port nobody has told.
  const bye = message('BYE sip:alice@x SIP/2.0', 'BYE', '<sip:bob@x>;tag=b', '<sip:alice@x>;tag=a');
  proxy.record({ time: 3, from: at(40_002), to: at(5_060), protocol: 'TCP', text: bye });
  const foreign = message('BYE sip:alice@x SIP/2.0', 'BYE', '<sip:bob@x>;tag=c', '<sip:alice@x>;tag=a');
  proxy.record({ time: 4, from: at(40_004), to: at(5_060), protocol: 'TCP', text: foreign });
  expect(recorder.conversation(9).messages.map(({ time, from }) => [time, from])).toEqual([
    [1, 'bob'],
    [2, 'bob'],
    [3, 'bob'],
  ]);
});

test('media is kept as it went, until so much is kept; what is neither RTP nor RTCP is not', () => {
  const recorder = tapped();
  const packet = (size: number, first = 0x80): WatchedPacket => ({
    kind: 'RTP',
    from: at(4_000),
    to: at(4_002),
    data: new Uint8Array(size).fill(first, 0, 1),
  });
  const first = packet(mostMedia - 100);
  recorder.keepMedia(1, first);
  // The sender has his buffer again.
  first.data.fill(9);
  recorder.keepMedia(2, packet(40, 0x00));
  recorder.keepMedia(2, packet(1));
  recorder.keepMedia(3, packet(101));
  recorder.keepMedia(4, { ...packet(100), kind: 'RTCP' });
  recorder.keepMedia(5, packet(12));
  const { media } = recorder.conversation(9);
  expect(media?.leftOut).toBe(2);
  expect(media?.packets.map(({ time, protocol, data }) => [time, protocol, data.length, data[0]])).toEqual([
    [1, 'RTP', mostMedia - 100, 0x80],
    [4, 'RTCP', 100, 0x80],
  ]);
});
