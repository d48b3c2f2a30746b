import { cpuUsage } from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './fault.ts';
import type { HeaderType } from './header.ts';
import { noLimits } from './header-index.ts';
import { Contact } from './headers/contact.ts';
import { Route } from './headers/route.ts';
import { Via } from './headers/via.ts';
import { MalformedMessage, parseMessage, SipMessage } from './message.ts';
import { invite, ringing } from './message-samples.testing.ts';
import { NameAddr } from './name-addr.ts';
import { parseUri, SipUri } from './uri.ts';

/** Reads everything that can be asked of what a text was read as. */
function readAll(text: string): void {
  const parsed = parseMessage(text);
  const message = parsed instanceof MalformedMessage ? parsed.message : parsed;
  if (message === undefined) return;
  expect([...message.headerFields()].length).toBe(message.index.count);
  const types: readonly HeaderType<unknown>[] = [Via, Route, Contact];
  for (const type of types) {
    message.get(type);
    message.all(type);
  }
  message.rawAll('To');
  if (message instanceof SipMessage && !(parsed instanceof MalformedMessage)) {
    expect(message.edit().toText()).toBe(message.text);
    expect(message.topVia.protocol).not.toBe('');
    expect(message.callId).toBe(message.raw('Call-ID'));
    const reread = parseMessage(message.text);
    expect(reread).toMatchObject({ text: message.text, cseqNumber: message.cseqNumber });
  }
}

describe('no text throws', () => {
  test('arbitrary texts', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[\r\n \t:;,<>"=@SIP/2.0a]*$/)),
        readAll,
      ),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test('valid messages with pieces cut out, put in, doubled and changed', () => {
    const piece = fc.constantFrom(
      '\r\n',
      '\r',
      '\n',
      ' ',
      '\t',
      ':',
      ';',
      ',',
      '"',
      '\\',
      '<',
      '>',
      '%',
      '\0',
      '\xff',
      'Via: ',
      'l: 9',
      'tag=',
      '=',
      '[',
      ']',
    );
    const mutation = fc.tuple(fc.nat(900), fc.nat(12), piece);
    fc.assert(
      fc.property(
        fc.constantFrom(invite, ringing),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (original, mutations) => {
          let text = original;
          for (const [position, length, put] of mutations)
            text = text.slice(0, position) + put + text.slice(position + length);
          readAll(text);
        },
      ),
      { seed: 2, numRuns: 3_000 },
    );
  });

  test('every beginning of a message', () => {
    for (let length = 0; length < invite.length; length++) readAll(invite.slice(0, length));
  });
});

/** Milliseconds of the processor: what it does for others meanwhile does not count. */
function timeOf(run: () => void): number {
  const start = cpuUsage();
  run();
  const { user, system } = cpuUsage(start);
  return (user + system) / 1_000;
}

const fewestRounds = 5;
const mostRounds = 25;

/**
 * How often the time of the short run fits into that of the long one, by the least time of each: what else the machine does
 * only adds to them. The two take turns, and more of them while the result is not below `limit`: what is slow by itself
 * is slow in all of them.
 */
function leastRatio(short: () => void, long: () => void, limit: number): number {
  let [leastShort, leastLong] = [Infinity, Infinity];
  const ratio = (): number => leastLong / Math.max(leastShort, 0.5);
  for (let round = 0; round < fewestRounds || (round < mostRounds && ratio() >= limit); round++) {
    leastShort = Math.min(leastShort, timeOf(short));
    leastLong = Math.min(leastLong, timeOf(long));
  }
  return ratio();
}

function field(name: string, value: string): string {
  return invite.replace('X-Unknown: ', `${name}: ${value}\r\nX-Unknown: `);
}

function parseAndRead(text: string): void {
  const parsed = parseMessage(text, noLimits);
  const message = parsed instanceof MalformedMessage ? parsed.message : parsed;
  message?.all(Via);
  message?.all(Route);
  message?.edit().removeFirstValue(Route).set('Route', '<sip:x>').append('Via', 'x').toText();
}

describe('time grows no faster than the text, ten times as long', () => {
  // Ten times the text takes ten times as long; with the square of the length it would be a hundred times.
  const cases: [string, (count: number) => () => void][] = [
    [
      'commas',
      (count) => () => {
        parseAndRead(field('Route', ','.repeat(count)));
      },
    ],
    [
      'routes',
      (count) => () => {
        parseAndRead(field('Route', '<sip:a;lr>,'.repeat(count / 10)));
      },
    ],
    [
      'open angles',
      (count) => () => {
        parseAndRead(field('Route', '<'.repeat(count)));
      },
    ],
    [
      'quotes',
      (count) => () => {
        parseAndRead(field('Route', '"\\'.repeat(count)));
      },
    ],
    [
      'folding',
      (count) => () => {
        parseAndRead(field('Route', '\r\n '.repeat(count)));
      },
    ],
    [
      'header fields',
      (count) => () => {
        parseAndRead(field('Route', '<sip:a>\r\nRoute: '.repeat(count / 10)));
      },
    ],
    [
      'header names',
      (count) => () => {
        parseAndRead(field('Route', `\r\n${'x'.repeat(count)}`));
      },
    ],
    [
      'white space',
      (count) => () => {
        parseAndRead(field('Route', ' \t'.repeat(count)));
      },
    ],
    [
      'brackets',
      (count) => () => {
        parseAndRead(field('Via', 'SIP/2.0/UDP [,'.repeat(count / 10)));
      },
    ],
    [
      'line ends before',
      (count) => () => {
        parseAndRead('\r\n'.repeat(count));
      },
    ],
    [
      'escapes',
      (count) => () => {
        valueOf(parseUri(`sip:${'%41'.repeat(count)}@b`));
      },
    ],
    [
      'broken escapes',
      (count) => () => {
        valueOf(parseUri(`sip:${'%4'.repeat(count)}@b`));
      },
    ],
    [
      'URI parameters',
      (count) => () => {
        valueOf(parseUri(`sip:b${';a=b'.repeat(count)}`));
      },
    ],
    [
      'URI headers',
      (count) => () => {
        valueOf(parseUri(`sip:b?${'a=b&'.repeat(count)}a=b`));
      },
    ],
    [
      'display names',
      (count) => () => {
        NameAddr.parse('a '.repeat(count));
      },
    ],
    [
      'quoted pairs',
      (count) => () => {
        NameAddr.parse(`"${'\\"'.repeat(count)}" <sip:a@b>`);
      },
    ],
  ];

  function valueOf(uri: ReturnType<typeof parseUri>): void {
    if (uri instanceof SyntaxFault) return;
    uri.equals(parseUri(uri.toString()));
    if (uri instanceof SipUri) expect(uri.with({}).addressOfRecord).not.toBe('');
  }

  test.each(cases)('%s', (_, prepare) => {
    const limit = 40;
    expect(leastRatio(prepare(10_000), prepare(100_000), limit)).toBeLessThan(limit);
  });
});
