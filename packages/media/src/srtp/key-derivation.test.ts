import { expect, test } from 'vitest';
import { deriveSessionKeys } from './key-derivation.ts';
import { PacketCipher } from './packet-cipher.ts';

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

test('derives the keys of RFC 3711 B.3', () => {
  const keys = deriveSessionKeys(hex('E1F97A0D3E018BE0D64FA32C06DE4139'), hex('0EC675AD498AFEEBB6960B3AABE6'), 'media');
  expect(text(keys.encryption)).toBe('C61E7A93744F39EE10734AFE3FF7A087');
  expect(text(keys.salt)).toBe('30CBBC08863D8C85D49DB34A9AE1');
  expect(text(keys.authentication)).toBe('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4');
});

test('derives the keys of RFC 6188 7.4, for AES-256', () => {
  const keys = deriveSessionKeys(
    hex('F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6'),
    hex('3B04803DE51EE7C96423AB5B78D2'),
    'media',
  );
  expect(text(keys.encryption)).toBe('5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4');
  expect(text(keys.salt)).toBe('FA31791685CA444A9E07C6C64E93');
  expect(text(keys.authentication)).toBe('FD9C32D39ED5FBB5A9DC96B30818454D1313DC05');
});

test('makes the key stream of RFC 3711 B.2, of which the last blocks come behind a megabyte', () => {
  const cipher = new PacketCipher({
    encryption: hex('2B7E151628AED2A6ABF7158809CF4F3C'),
    salt: hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
    authentication: new Uint8Array(20),
  });
  const stream = new Uint8Array(1_044_512);
  cipher.apply(stream, 0, stream.length, 0, 0);
  expect(text(stream.subarray(0, 48))).toBe(
    'E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0',
  );
  expect(text(stream.subarray(-48))).toBe(
    'EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44',
  );
});
