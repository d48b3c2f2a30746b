import { describe, expect, it } from 'vitest';
import type { RandomSource } from '../context.ts';
import { parseMessage, SipResponse } from '../message/message.ts';
import { retryDelay } from './glare.ts';

const drawing = (fraction: number): RandomSource => ({
  token: () => '',
  bytes: (length) => new Uint8Array(length),
  fraction: () => fraction,
});

function response(status: number, ...lines: readonly string[]): SipResponse {
  const message = parseMessage(
    [
      `SIP/2.0 ${status} Refused`,
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'From: <sip:alice@example.com>;tag=1',
      'To: <sip:bob@example.com>;tag=2',
      'Call-ID: 1',
      'CSeq: 2 INVITE',
      ...lines,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n'),
  );
  if (message instanceof SipResponse) return message;
  throw new Error('no response');
}

describe('a change that met one of the far end', () => {
  it.each([
    ['caller', 0, 2_100],
    ['caller', 0.999_999, 4_000],
    ['callee', 0, 0],
    ['callee', 0.999_999, 2_000],
  ] as const)('goes again after a 491, of the %s that draws %d, after %d ms (RFC 3261 14.1)', (role, drawn, wait) => {
    expect(retryDelay(response(491), role, drawing(drawn))).toBe(wait);
  });

  it.each([
    [['Retry-After: 0'], 0],
    [['Retry-After: 10 (soon);duration=60'], 10_000],
    [['Retry-After: 11'], undefined],
    [['Retry-After: soon'], undefined],
    [[], undefined],
  ])('goes again after a 500 with %j after %s ms (RFC 3261 14.2)', (lines, wait) => {
    expect(retryDelay(response(500, ...lines), 'caller', drawing(0.5))).toBe(wait);
  });

  it('was refused by anything else', () => {
    expect(retryDelay(response(503, 'Retry-After: 1'), 'caller', drawing(0.5))).toBeUndefined();
  });
});
