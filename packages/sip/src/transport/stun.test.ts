import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bindingRequest, bindingResponse, looksLikeStun, parseStun } from './stun.ts';
import type { StunMessage } from './stun.ts';

function bytes(hexadecimal: string): string {
  return hexadecimal.replaceAll(/\s*([\da-f]{2})\s*/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** The IPv4 and IPv6 responses of RFC 5769 2.2 and 2.3. */
const sample4 = bytes(`
  01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 08 00 01 a1 47 e1 12 a6 43 00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7
  80 28 00 04 c0 7d 4c 96`);
const sample6 = bytes(`
  01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae 80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9 00 08 00 14 a3 82 95 4e 4b e6 7b f1
  17 84 c9 7c 82 92 c2 75 bf e3 ed 41 80 28 00 04 c8 fb 0b 4c`);

const transaction = 'abcdefghijkl';

function parsedRequest(text = bindingRequest(transaction)): StunMessage {
  const request = parseStun(text);
  if (request === undefined) throw new Error('not parsed');
  return request;
}

describe('STUN Binding', () => {
  test('reads the sample responses of RFC 5769, fingerprints included', () => {
    expect(parseStun(sample4)?.mapped).toEqual({ address: '192.0.2.1', port: 32_853 });
    expect(parseStun(sample6)?.mapped).toEqual({ address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 });
  });

  test('one changed byte makes the fingerprint wrong', () => {
    for (let index = 0; index < sample4.length; index += 1) {
      if (index === 72 || index === 73) continue; // Then it is no fingerprint any more, and none has to be there.
      const changed = String.fromCharCode(sample4.charCodeAt(index) ^ 1);
      const text = sample4.slice(0, index) + changed + sample4.slice(index + 1);
      expect(parseStun(text)?.mapped?.port, String(index)).not.toBe(32_853);
    }
  });

  test('a request and its answer, both families', () => {
    for (const source of [
      { address: '203.0.113.9', port: 65_535 },
      { address: '2001:db8::8:0:0:1', port: 5_060 },
      { address: '::1', port: 1 },
    ]) {
      const answer = parseStun(bindingResponse(parsedRequest(), source) ?? '');
      expect(answer).toEqual({ kind: 'success', transaction, mapped: source, unknown: [] });
    }
  });

  test('what must be understood and is not, is answered with 420 and its type', () => {
    const plain = bindingRequest(transaction);
    const request = parsedRequest(`${plain.slice(0, 2)}\0\x04${plain.slice(4, 20)}\0\x24\0\0`);
    const answer = bindingResponse(request, { address: '192.0.2.1', port: 1 }) ?? '';
    expect(parseStun(answer)?.kind).toBe('error');
    expect(answer).toContain('\x04\x14Unknown Attribute');
    expect(answer).toContain('\0\x0a\0\x02\0\x24');
  });

  test('no SIP message looks like STUN, and no input throws', () => {
    expect(looksLikeStun('OPTIONS sip:a SIP/2.0\r\n\r\n')).toBe(false);
    const beginnings = fc.constantFrom(sample4, sample6, bindingRequest(transaction));
    fc.assert(
      fc.property(beginnings, fc.nat({ max: 100 }), fc.string({ unit: 'binary-ascii' }), (text, cut, rest) => {
        parseStun(text.slice(0, cut) + rest);
        parseStun(text.slice(0, cut) + rest + text.slice(cut + rest.length));
      }),
      { seed: 5_389 },
    );
  });
});
