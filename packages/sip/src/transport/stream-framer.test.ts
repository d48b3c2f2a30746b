import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamFramer } from './stream-framer.ts';
import type { FrameSink } from './stream-framer.ts';

const maximumSize = 2_000;

class Recorder implements FrameSink {
  readonly events: string[] = [];

  frame(text: string): void {
    this.events.push(`frame ${text}`);
  }

  lineBreak(): void {
    this.events.push('break');
  }

  broken(text: string, status: number, reason: string): void {
    this.events.push(`broken ${String(status)} ${reason} ${text}`);
  }
}

function frame(chunks: Iterable<string>, limit = maximumSize): string[] {
  const recorder = new Recorder();
  const framer = new StreamFramer(recorder, limit);
  for (const chunk of chunks) framer.push(chunk);
  return recorder.events;
}

function message(body: string, field = `Content-Length: ${String(body.length)}`): string {
  return `OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n${field}\r\n\r\n${body}`;
}

describe('framing by Content-Length', () => {
  test('CX-18 messages one after the other, and a body that looks like the end of a head', () => {
    const first = message('a\r\n\r\nb');
    const second = message('');
    expect(frame([first + second])).toEqual([`frame ${first}`, `frame ${second}`]);
  });

  test.each([
    'Content-Length:3',
    'l : 3',
    'CONTENT-LENGTH:\t3  ',
    'Content-Length:\r\n  3',
    'L:3\r\nContent-Length: 3',
  ])('reads %j', (field) => {
    const text = message('xyz', field);
    expect(frame([text, text])).toEqual([`frame ${text}`, `frame ${text}`]);
  });

  test.each([
    ['Content-Length: -1', 'Bad Content-Length'],
    ['Content-Length:', 'Bad Content-Length'],
    ['Content-Length: 3;4', 'Bad Content-Length'],
    ['l: 3\r\nContent-Length: 4', 'Contradicting Content-Length'],
    ['Lost: 3\r\nContent-Length-Too: 4', 'Missing Content-Length'],
  ])('cannot go on after %j', (field, reason) => {
    const head = message('', field);
    expect(frame([head + message('')])).toEqual([`broken 400 ${reason} ${head}`]);
  });

  test('a start line is no header field', () => {
    const text = 'l: 3\r\n\r\n';
    expect(frame([text])).toEqual([`broken 400 Missing Content-Length ${text}`]);
  });

  test('a head or a body over the limit is answered with 513 before it is all here', () => {
    const endless = `OPTIONS sip:a SIP/2.0\r\nX: ${'x'.repeat(maximumSize)}`;
    expect(frame([endless])).toEqual([`broken 513 Message Too Large ${endless.slice(0, maximumSize)}`]);
    const head = message('', 'Content-Length: 99999999999999999999999999');
    expect(frame([head])).toEqual([`broken 513 Message Too Large ${head}`]);
    const exact = message('x'.repeat(1_000));
    expect(frame([exact], exact.length)).toEqual([`frame ${exact}`]);
    expect(frame([exact], exact.length - 1)[0]).toMatch(/^broken 513/);
  });

  test('line breaks between messages are counted, each as a pair', () => {
    const text = message('');
    expect(frame(['\r\n\r\n', text, '\r', '\n', text])).toEqual([
      'break',
      'break',
      `frame ${text}`,
      'break',
      `frame ${text}`,
    ]);
    expect(frame(['\r\r\n\n'])).toEqual(['break']);
  });

  test('a sink that stops the framer gets nothing more of the same chunk', () => {
    const seen: string[] = [];
    const framer: StreamFramer = new StreamFramer(
      {
        frame: (text) => {
          seen.push(text);
          framer.stop();
        },
        lineBreak: () => undefined,
        broken: () => undefined,
      },
      maximumSize,
    );
    framer.push(message('1') + message('2'));
    expect(seen).toEqual([message('1')]);
    expect(framer.partial).toBe(false);
  });

  test('tells whether the rest of a message is awaited', () => {
    const framer = new StreamFramer(new Recorder(), maximumSize);
    framer.push('\r\n');
    expect(framer.partial).toBe(false);
    framer.push(message('123').slice(0, -1));
    expect(framer.partial).toBe(true);
    framer.push('3');
    expect(framer.partial).toBe(false);
    expect(framer.frames).toBe(1);
  });
});

const pieces = fc.oneof(
  fc.constantFrom('\r\n', '\r\n\r\n', '\r', '\n', 'garbage', 'l:1\r\n\r\n'),
  fc.string({ maxLength: 30 }).map((body) => message(body)),
  fc.nat({ max: 20 }).map((length) => message('\r\n\r\nxx', `Content-Length: ${String(length)}`)),
  fc.constant(message('', 'Subject: none')),
  fc.constant(message('y'.repeat(maximumSize))),
);

describe('the cutting of chunks does not matter', () => {
  test('any chunking of any sequence gives the same frames', () => {
    const sequence = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(sequence, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (text, sizes) => {
        const chunks: string[] = [];
        for (let position = 0, turn = 0; position < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(text.slice(position, position + size));
          position += size;
        }
        expect(frame(chunks)).toEqual(frame([text]));
        expect(frame(text)).toEqual(frame([text]));
      }),
      { seed: 20_261, numRuns: 300 },
    );
  });

  test.each(['\r', '\n', '\n\r', '\r\n'])('a megabyte of %j at once is done in time', { timeout: 4_000 }, (text) => {
    const events = frame([text.repeat(1_048_576 / text.length)]);
    expect(new Set(events)).toEqual(new Set(text.length === 1 ? [] : ['break']));
  });

  test('a megabyte that comes byte by byte is done in time', { timeout: 4_000 }, () => {
    const text = message('z'.repeat(500_000));
    const long = `${text.slice(0, 30)}${'\r\nX: y'.repeat(80_000)}${text.slice(30)}`;
    expect(frame(long, 2_000_000)).toHaveLength(1);
  });
});
