import { describe, expect, test } from 'vitest';
import { canonicalHost, hostEnd, ipv6Groups, isHost, isIpv4, isIpv6 } from './host.ts';

describe('IPv4 addresses', () => {
  test.each(['0.0.0.0', '192.0.2.1', '255.255.255.255'])('%s is one', (text) => {
    expect(isIpv4(text)).toBe(true);
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.', '.1.2.3', '1..2.3', '0001.2.3.4', '1.2.3.a'])(
    '%j is none',
    (text) => {
      expect(isIpv4(text)).toBe(false);
    },
  );
});

describe('IPv6 addresses', () => {
  test.each([
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['1::', [1, 0, 0, 0, 0, 0, 0, 0]],
    ['2001:DB8::9:1', [0x2001, 0xdb8, 0, 0, 0, 0, 9, 1]],
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['1:2:3:4:5:6:7::', [1, 2, 3, 4, 5, 6, 7, 0]],
    ['::ffff:192.0.2.128', [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x280]],
    ['1:2:3:4:5:6:192.0.2.1', [1, 2, 3, 4, 5, 6, 0xc000, 0x201]],
    // RFC 5118 4.10: what the grammar of RFC 3261 makes of the next one, and what it should be.
    ['2001:db8:::192.0.2.1', [0x2001, 0xdb8, 0, 0, 0, 0, 0xc000, 0x201]],
    ['2001:db8::192.0.2.1', [0x2001, 0xdb8, 0, 0, 0, 0, 0xc000, 0x201]],
  ])('%s', (text, groups) => {
    expect(ipv6Groups(text)).toEqual(groups);
  });

  test.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4::5:6:7:8',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '1:::2',
    '12345::',
    'g::',
    '192.0.2.1::',
    '::192.0.2.1:1',
    '::1.2.3',
    '[::1]',
  ])('%j is none', (text) => {
    expect(isIpv6(text)).toBe(false);
  });
});

describe('hosts', () => {
  test.each(['a', 'a.b', 'a.b.', 'a--b.c', '1.2.3.4', '::1', '[::1]', '[2001:db8:::192.0.2.1]', 'x1-y.EXAMPLE'])(
    '%s is one',
    (text) => {
      expect(isHost(text)).toBe(true);
    },
  );

  test.each(['', '.', '.a', 'a..b', '-a', 'a-', 'a-.b', 'a.-b', 'a_b', 'a b', '[::1', '::1]', '[]', '[1.2.3.4]', 'ä'])(
    '%j is none',
    (text) => {
      expect(isHost(text)).toBe(false);
    },
  );

  test('a host in a text ends where its characters end', () => {
    expect(hostEnd('x@atlanta.example.com:5060', 2, 26)).toBe(21);
    expect(hostEnd('x@[::1]:5060', 2, 12)).toBe(7);
    expect(hostEnd('x@[::1]:5060', 2, 6)).toBe(-1);
  });

  test('hosts compare by value: RFC 5954 4.1', () => {
    expect(canonicalHost('::ffff:192.0.2.128')).toBe(canonicalHost('0:0:0:0:0:ffff:c000:280'));
    expect(isIpv6(canonicalHost('2001:db8::1'))).toBe(true);
    expect(canonicalHost('example.com.')).toBe('example.com');
  });
});
