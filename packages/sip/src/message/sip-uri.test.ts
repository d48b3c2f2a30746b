import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './fault.ts';
import { SipUri } from './sip-uri.ts';
import { valid } from './valid.testing.ts';

function uri(text: string): SipUri {
  return valid(SipUri.parse(text));
}

describe('reading', () => {
  test('takes a URI with everything apart', () => {
    const read = uri('SIPS:al%69ce:se%3acret@[2001:DB8::1]:5061;Transport=TCP;lr;x=%41?Subject=a%20b&to=%3Cx%3E');
    expect(read).toMatchObject({ scheme: 'sips', user: 'alice', password: 'se:cret', host: '2001:db8::1', port: 5061 });
    expect([...read.parameters]).toEqual([
      ['transport', 'TCP'],
      ['lr', ''],
      ['x', 'A'],
    ]);
    expect([...read.headers]).toEqual([
      ['Subject', 'a b'],
      ['to', '<x>'],
    ]);
    expect(read.headers.get('SUBJECT')).toBe('a b');
    expect(read.transport).toBe('tcp');
  });

  test.each([
    'sip:atlanta.example.com',
    'sip:alice@192.0.2.4:5060',
    'sip:+1-212-555-1212:1234@gateway.example.com;user=phone',
    'sip:1212@gateway.example.com',
    'sip:user;par=u%40example.net@example.com',
    'sip:sip%3Auser%40example.com@example.com;other-param=summit',
    "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
    'sip:%00@host',
    'sip:a@h;p=[::1]:1/&+$',
    'sip:a@h?x=',
  ])('%s prints as it came', (text) => {
    expect(uri(text).toString()).toBe(text);
  });

  test.each([
    ['', 'not a SIP URI'],
    ['tel:+1', 'not a SIP URI'],
    ['sip:', 'no valid host in URI'],
    ['sip:@host', 'no user before the @'],
    ['sip::p@host', 'no user before the @'],
    ['sip:a b@host', 'character not allowed in user'],
    ['sip:a%4@host', 'character not allowed in user'],
    ['sip:a%zz@host', 'character not allowed in user'],
    ['sip:a\xe4@host', 'character not allowed in user'],
    ['sip:a@b@host', 'character not allowed in URI parameters'],
    ['sip:a:b:c@host', 'character not allowed in password'],
    ['sip:a@', 'no valid host in URI'],
    ['sip:a@ho st', 'character not allowed in URI parameters'],
    ['sip:a@host:', 'no valid port in URI'],
    ['sip:a@host:65536', 'no valid port in URI'],
    ['sip:a@host:5x', 'character not allowed in URI parameters'],
    ['sip:a@2001:db8::1', 'no valid port in URI'],
    ['sip:a@[::1', 'no valid host in URI'],
    ['sip:a@host;', 'no parameter name'],
    ['sip:a@host;;x', 'no parameter name'],
    ['sip:a@host;x=', 'no parameter value'],
    ['sip:a@host;x="y"', 'no parameter value'],
    ['sip:a@host;x y', 'character not allowed in URI parameters'],
    ['sip:a@host?', 'no header name in URI'],
    ['sip:a@host?a', 'no value of a header in URI'],
    ['sip:a@host?a=b&', 'no header name in URI'],
    ['sip:a@host?a=b c', 'character not allowed in URI headers'],
    ['<sip:a@host>', 'not a SIP URI'],
    ['sip:a@host\0', 'character not allowed in URI parameters'],
  ])('%j is a fault', (text, reason) => {
    expect(SipUri.parse(text)).toMatchObject({ reason });
    expect(SipUri.parse(text)).toBeInstanceOf(SyntaxFault);
  });

  test('a fault knows its place', () => {
    expect(SipUri.parse('sip:a@host;x="y"')).toMatchObject({ offset: 13 });
    expect(SipUri.parse('sip:a@host?a=b c')).toMatchObject({ offset: 14 });
  });

  test('names of parameters cannot reach into objects', () => {
    const read = uri('sip:a@host;__proto__=1;constructor=2');
    expect(read.parameters.get('__proto__')).toBe('1');
    expect(read.parameters.get('toString')).toBeUndefined();
    expect(read.headers.get('constructor')).toBeUndefined();
  });
});

describe('comparison, with the examples of RFC 3261 19.1.4', () => {
  test.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=off'],
    ['sip:a%3bb@h', 'sip:a%3Bb@h'],
    ['sip:bob@[::ffff:192.0.2.128]', 'sip:bob@[::FFFF:c000:280]'],
  ])('%s equals %s', (one, other) => {
    expect(uri(one).equals(uri(other))).toBe(true);
    expect(uri(other).equals(uri(one))).toBe(true);
  });

  test.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:biloxi.com'],
    ['sip:bob:x@biloxi.com', 'sip:bob@biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;maddr=biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;ttl=1'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;user=phone'],
    ['sip:a%3Bb@h', 'sip:a;b@h'],
    ['sip:a@h?x=1&x=2', 'sip:a@h?x=1&x=1'],
  ])('%s does not equal %s', (one, other) => {
    expect(uri(one).equals(uri(other))).toBe(false);
    expect(uri(other).equals(uri(one))).toBe(false);
  });
});

describe('the address of record', () => {
  test.each([
    ['sips:%61lice@Example.COM;transport=tcp?a=b', 'sip:alice@example.com'],
    ['sip:a%40b@example.com:5070', 'sip:a%40b@example.com:5070'],
    ['sip:a%3Bb@h', 'sip:a;b@h'],
    ['sip:example.com.', 'sip:example.com'],
    ['sip:x@[2001:db8::1]', 'sip:x@[2001:db8:0:0:0:0:0:1]'],
  ])('of %s is %s', (text, canonical) => {
    expect(uri(text).addressOfRecord).toBe(canonical);
    expect(uri(canonical).addressOfRecord).toBe(canonical);
  });
});

describe('making', () => {
  test('CX-17 escapes what has to be', () => {
    const made = SipUri.of({
      user: 'a b@"\xe4',
      password: 'x:y',
      host: '::1',
      port: 5070,
      parameters: { lr: true, x: '"=;' },
      headers: [['Replaces', 'a;b=c&d']],
    });
    expect(made.toString()).toBe('sip:a%20b%40%22%E4:x%3Ay@[::1]:5070;lr;x=%22%3D%3B?Replaces=a%3Bb%3Dc%26d');
    expect(uri(made.toString())).toMatchObject({ user: 'a b@"\xe4', password: 'x:y', host: '::1' });
  });

  test('a copy has the changes and nothing else', () => {
    const original = uri('sip:alice@atlanta.com:5070;transport=tcp?a=b');
    expect(original.with({ user: undefined, headers: [] }).toString()).toBe('sip:atlanta.com:5070;transport=tcp');
    expect(original.with({}).equals(original)).toBe(true);
    expect(original.toString()).toBe('sip:alice@atlanta.com:5070;transport=tcp?a=b');
  });

  test.each([
    [{ host: 'a b' }, 'invalid-host'],
    [{ host: '' }, 'invalid-host'],
    [{ host: 'a', user: '' }, 'invalid-uri'],
    [{ host: 'a', password: 'p' }, 'invalid-uri'],
    [{ host: 'a', port: 70_000 }, 'invalid-uri'],
  ])('%j throws', (parts, code) => {
    expect(() => SipUri.of(parts)).toThrow(expect.objectContaining({ code }));
  });

  test('reading is the inverse of making', () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    const name = fc.stringMatching(/^[a-z][a-z0-9.!~-]{0,8}$/);
    const parts = fc.record(
      {
        scheme: fc.constantFrom('sip' as const, 'sips' as const),
        user: bytes.filter((user) => user !== ''),
        host: fc.constantFrom('example.com', '192.0.2.1', '2001:db8::1', 'a'),
        port: fc.integer({ min: 0, max: 65_535 }),
        parameters: fc.uniqueArray(fc.tuple(name, bytes), { selector: ([key]) => key }),
        headers: fc.array(fc.tuple(name, bytes)),
      },
      { requiredKeys: ['host'] },
    );
    fc.assert(
      fc.property(parts, (made) => {
        const printed = SipUri.of(made).toString();
        const read = uri(printed);
        expect(read).toMatchObject({ host: made.host, scheme: made.scheme ?? 'sip' });
        expect(read.user).toBe(made.user);
        expect(read.port).toBe(made.port);
        expect([...read.parameters]).toEqual(made.parameters ?? []);
        expect([...read.headers]).toEqual(made.headers ?? []);
        expect(read.with({}).toString()).toBe(printed);
      }),
      { seed: 19_1, numRuns: 300 },
    );
  });
});
