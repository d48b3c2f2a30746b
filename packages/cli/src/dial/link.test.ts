import { describe, expect, test } from 'vitest';
import { longestLink, targetOfLink } from './link.ts';

describe('whom a link means', () => {
  test.each([
    ['sip:bob@example.com', 'sip:bob@example.com'],
    ['SIPS:bob@example.com', 'sips:bob@example.com'],
    [
      'sip:+15551234@example.com:5070;user=phone;transport=tcp',
      'sip:+15551234@example.com:5070;user=phone;transport=tcp',
    ],
    ['bob', 'bob'],
    ['bob@example.com', 'bob@example.com'],
    ['tel:+1-555-0100', 'tel:+1-555-0100'],
    ['tel:+49%2030%20123456', 'tel:+4930123456'],
    ['tel:2001', '2001'],
    ['TEL:*43%23', '*43#'],
    ['tel:2001;phone-context=example.com', 'tel:2001;phone-context=example.com'],
  ])('%s', (link, target) => {
    expect(targetOfLink(link)).toBe(target);
  });

  test.each([
    ['header fields', 'sip:bob@example.com?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3&Route=%3Csip:evil.example%3E'],
    ['a body', 'sip:bob@example.com?body=v%3D0%0D%0A&Content-Type=application/sdp'],
    ['a method', 'sip:bob@example.com;method=REFER'],
    ['a way around', 'sip:bob@example.com;maddr=192.0.2.66;ttl=1;lr'],
    ['a password', 'sip:bob:secret@example.com'],
  ])('%s of a hostile one are not obeyed', (_what, link) => {
    expect(targetOfLink(link)).toBe('sip:bob@example.com');
  });

  test.each([
    '',
    '--install-handler',
    '-d/tmp/theirs',
    'mailto:bob@example.com',
    'http://example.com/',
    'javascript:alert(1)',
    'sip:',
    'sip:bob@example.com\r\nRoute: <sip:evil.example>',
    'sip:bob@exa mple.com',
    'tel:',
    'tel:bob',
    'tel:2001;phone-context=',
    'bob;method=BYE',
    `sip:${'b'.repeat(longestLink)}@example.com`,
  ])('%j is nobody', (link) => {
    expect(targetOfLink(link)).toBeUndefined();
  });
});
