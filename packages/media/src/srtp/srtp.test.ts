import { SeededRandom } from '@switchhook/sim';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeRtpPacket } from '../rtp/rtp-packet.ts';
import { cryptoSuiteNames } from './crypto-suite.ts';
import { createSdesKeys, readSdesKey, type SdesKey } from './sdes-key.ts';
import { maximumSources, SrtpReceiver } from './srtp-receiver.ts';
import { longestTrailer, SrtpSender } from './srtp-sender.ts';

function newKey(suite: string = 'AES_CM_128_HMAC_SHA1_80', seed = 1): SdesKey {
  const [attribute] = createSdesKeys(new SeededRandom(seed), [suite]);
  const key = attribute && readSdesKey(attribute);
  if (key === undefined) throw new Error('no key');
  return key;
}

function packet(sequenceNumber: number, ssrc = 7, payload = Uint8Array.of(1, 2, 3)): Uint8Array {
  return writeRtpPacket({
    marker: false,
    payloadType: 0,
    sequenceNumber,
    timestamp: 160,
    ssrc,
    csrcs: [5, 6],
    extension: { profile: 1, data: new Uint8Array(4) },
    payload,
  });
}

const report = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 7);

function protect(sender: SrtpSender, plain: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(plain.length + longestTrailer);
  buffer.set(plain);
  return buffer.slice(0, sender.protectRtp(buffer, plain.length));
}

function protectReport(sender: SrtpSender): Uint8Array {
  const buffer = new Uint8Array(report.length + longestTrailer);
  buffer.set(report);
  return buffer.slice(0, sender.protectRtcp(buffer, report.length));
}

describe.each(cryptoSuiteNames)('%s', (suite) => {
  const tagLength = suite.endsWith('_32') ? 4 : 10;

  test('gives back what was protected: RTP with all that a header can have, and RTCP', () => {
    const sender = new SrtpSender(newKey(suite));
    const receiver = new SrtpReceiver(newKey(suite));
    const plain = packet(1);
    const secret = protect(sender, plain);
    expect(secret.length).toBe(plain.length + tagLength);
    expect([...secret.subarray(0, 28)]).toEqual([...plain.subarray(0, 28)]);
    expect([...secret.subarray(28, plain.length)]).not.toEqual([...plain.subarray(28)]);
    expect(receiver.unprotectRtp(secret.slice())).toEqual(plain);
    // Sockets bring Buffers, whose slices are views.
    const other = new SrtpReceiver(newKey(suite)).unprotectRtp(Buffer.from(secret));
    expect([...(other ?? [])]).toEqual([...plain]);
    const secretReport = protectReport(sender);
    expect(secretReport.length).toBe(report.length + 14);
    expect(receiver.unprotectRtcp(secretReport)).toEqual(report);
  });

  test('drops what anybody changed, be it a single bit, and leaves the bytes as they came', () => {
    const secret = protect(new SrtpSender(newKey(suite)), packet(1));
    const secretReport = protectReport(new SrtpSender(newKey(suite)));
    const receiver = new SrtpReceiver(newKey(suite));
    for (let bit = 0; bit < secret.length * 8; bit += 1) {
      const changed = secret.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const before = changed.slice();
      expect(receiver.unprotectRtp(changed)).toBe(undefined);
      expect(changed).toEqual(before);
    }
    for (let bit = 0; bit < secretReport.length * 8; bit += 1) {
      const changed = secretReport.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(receiver.unprotectRtcp(changed)).toBe(undefined);
    }
    expect(receiver.unprotectRtp(secret)).not.toBe(undefined);
  });

  test('drops what another key protected', () => {
    const receiver = new SrtpReceiver(newKey(suite, 2));
    const sender = new SrtpSender(newKey(suite));
    expect(receiver.unprotectRtp(protect(sender, packet(1)))).toBe(undefined);
    expect(receiver.unprotectRtcp(protectReport(sender))).toBe(undefined);
  });
});

test('reads packets as others make them: those that libsrtp checks itself with', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const key = {
    ...newKey(),
    masterKey: bytes('e1f97a0d3e018be0d64fa32c06de4139'),
    masterSalt: bytes('0ec675ad498afeebb6960b3aabe6'),
  };
  const plain = bytes(`800f1234 decafbad cafebabe ${'ab'.repeat(16)}`);
  const secret = bytes('800f1234 decafbad cafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb');
  expect([...protect(new SrtpSender(key), plain)]).toEqual([...secret]);
  const receiver = new SrtpReceiver(key);
  expect([...(receiver.unprotectRtp(secret) ?? [])]).toEqual([...plain]);
  const secretReport = bytes('81c8000b cafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798');
  expect([...(receiver.unprotectRtcp(secretReport) ?? [])]).toEqual([...bytes(`81c8000b cafebabe ${'ab'.repeat(16)}`)]);
});

test('takes no packet twice, and none that is too old', () => {
  const sender = new SrtpSender(newKey());
  const receiver = new SrtpReceiver(newKey());
  const secrets = Array.from({ length: 200 }, (_, index) => protect(sender, packet(index)));
  const taken = (index: number): boolean => receiver.unprotectRtp(secrets[index]?.slice() ?? report) !== undefined;
  expect(taken(0)).toBe(true);
  expect(taken(0)).toBe(false);
  expect(taken(150)).toBe(true);
  expect(taken(23)).toBe(true);
  expect(taken(22)).toBe(false);
  expect(taken(23)).toBe(false);
  const reports = [protectReport(sender), protectReport(sender)];
  for (const expected of [true, false]) {
    for (const each of reports) expect(receiver.unprotectRtcp(each.slice()) !== undefined).toBe(expected);
  }
});

test('follows the sequence around the end of its numbers, over losses and out of order', () => {
  const sender = new SrtpSender(newKey());
  const receiver = new SrtpReceiver(newKey());
  let start = 65_000;
  for (let round = 0; round < 300; round += 1) {
    // 700 numbers on, of which only three come, the second before the first.
    const numbers = [start, start + 1, start + 2].map((number) => number & 0xffff);
    const [first, second, third] = numbers.map((number) => protect(sender, packet(number)));
    for (const each of [second, first, third]) expect(receiver.unprotectRtp(each ?? report)).not.toBe(undefined);
    start += 700;
  }
});

test('many sources of one key are remembered up to a limit, and no source is forgotten for another', () => {
  const receiver = new SrtpReceiver(newKey());
  const sender = new SrtpSender(newKey());
  const secrets = Array.from({ length: maximumSources + 1 }, (_, ssrc) => protect(sender, packet(1, ssrc)));
  const taken = secrets.map((secret) => receiver.unprotectRtp(secret.slice()) !== undefined);
  expect(taken.filter(Boolean)).toHaveLength(maximumSources);
  expect(taken.at(-1)).toBe(false);
  expect(receiver.unprotectRtp(secrets[0]?.slice() ?? report)).toBe(undefined);
});

test('keeps the lifetime that the key was given, and looks for its identifier', () => {
  const plainKey = newKey();
  const sender = new SrtpSender(plainKey);
  const receiver = new SrtpReceiver({ ...plainKey, lifetime: 2, masterKeyIdentifier: Uint8Array.of(0, 9) });
  const identified = (secret: Uint8Array, identifier: number): Uint8Array =>
    Uint8Array.of(...secret.subarray(0, -10), 0, identifier, ...secret.subarray(-10));
  expect(receiver.unprotectRtp(identified(protect(sender, packet(1)), 8))).toBe(undefined);
  expect(receiver.unprotectRtp(identified(protect(sender, packet(2)), 9))).toEqual(packet(2));
  expect(receiver.unprotectRtcp(identified(protectReport(sender), 9))).toEqual(report);
  expect(receiver.unprotectRtp(identified(protect(sender, packet(3)), 9))).toEqual(packet(3));
  expect(receiver.unprotectRtp(identified(protect(sender, packet(4)), 9))).toBe(undefined);
});

test('garbage of any length is dropped', () => {
  const receiver = new SrtpReceiver(newKey());
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
      expect(receiver.unprotectRtp(data.slice())).toBe(undefined);
      expect(receiver.unprotectRtcp(data.slice())).toBe(undefined);
    }),
  );
});
