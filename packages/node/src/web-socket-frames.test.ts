import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocketFrames } from './web-socket-frames.ts';

/** A frame of a client, masked with zeros. */
function frame(first: number, length: number): Buffer {
  const size = length < 126 ? [length] : length < 65_536 ? [126] : [127];
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length > 0) extended.writeUIntBE(length, Math.max(0, extended.length - 6), Math.min(6, extended.length));
  return Buffer.concat([Buffer.from([first, 0x80 + (size[0] ?? 0)]), extended, Buffer.alloc(4 + length)]);
}

test.each([0, 1, 125, 126, 65_535, 65_536])('a text of %i bytes is complete with its last byte', (length) => {
  const bytes = frame(0x81, length);
  const frames = new WebSocketFrames();
  frames.push(bytes.subarray(0, -1));
  expect(frames.partial).toBe(true);
  frames.push(bytes.subarray(-1));
  expect(frames.partial).toBe(false);
});

test('a server masks nothing', () => {
  const frames = new WebSocketFrames();
  frames.push(Buffer.from([0x81, 2, 0x61]));
  expect(frames.partial).toBe(true);
  frames.push(Buffer.from([0x62]));
  expect(frames.partial).toBe(false);
});

test('a message is complete with its last fragment, whatever pings stand between', () => {
  const frames = new WebSocketFrames();
  const states = [frame(0x01, 5), frame(0x89, 0), frame(0x00, 3), frame(0x80, 1), frame(0x89, 9)].map((bytes) => {
    frames.push(bytes);
    return frames.partial;
  });
  expect(states).toEqual([true, true, true, false, false]);
});

test('it makes no difference how the bytes come', () => {
  const kinds = fc.tuple(fc.constantFrom(0x81, 0x82, 0x89, 0x8a, 0x01, 0x00, 0x80), fc.nat(300));
  fc.assert(
    fc.property(fc.array(kinds, { minLength: 1 }), fc.nat(), fc.nat(), (list, cut, other) => {
      const bytes = Buffer.concat(list.map(([first, length]) => frame(first, length)));
      const end = cut % (bytes.length + 1);
      const whole = new WebSocketFrames();
      whole.push(bytes.subarray(0, end));
      const inParts = new WebSocketFrames();
      const middle = other % (end + 1);
      for (const part of [bytes.subarray(0, middle), bytes.subarray(middle, end)]) inParts.push(part);
      expect(inParts.partial).toBe(whole.partial);
    }),
  );
});
