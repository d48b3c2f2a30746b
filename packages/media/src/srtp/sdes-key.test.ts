import { SeededRandom } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { cryptoSuiteNames } from './crypto-suite.ts';
import { createSdesKeys, readSdesKey } from './sdes-key.ts';

const example = { tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80', key: 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj' };

test('reads the examples of RFC 4568 6.1', () => {
  const key = readSdesKey({ ...example, rest: '|2^20|1:4' });
  expect(key?.masterKey.length).toBe(16);
  expect(key?.masterSalt.length).toBe(14);
  expect(key?.lifetime).toBe(2 ** 20);
  expect([...(key?.masterKeyIdentifier ?? [])]).toEqual([0, 0, 0, 1]);
  const other = readSdesKey({ ...example, key: 'YUJDZGVmZ2hpSktMbW9QUXJzVHVWd3l6MTIzNDU2', rest: '|1066:4' });
  expect(Buffer.from(other?.masterKey ?? []).toString()).toBe('aBCdefghiJKLmoPQ');
  expect(other?.lifetime).toBe(2 ** 48);
  expect([...(other?.masterKeyIdentifier ?? [])]).toEqual([0, 0, 4, 42]);
});

test.each([
  { ...example, suite: 'F8_128_HMAC_SHA1_80' },
  { ...example, suite: 'AES_256_CM_HMAC_SHA1_80' },
  { ...example, key: 'short' },
  { ...example, rest: '|2^49' },
  { ...example, rest: '|0' },
  { ...example, rest: '|2^20|1' },
  { ...example, rest: '|1066:1' },
  { ...example, rest: '|1:129' },
  { ...example, rest: '|1:4|2^20' },
])('refuses what is no key: %o', (attribute) => {
  expect(readSdesKey(attribute)).toBe(undefined);
});

test('makes a key for each suite that reads back, another every time', () => {
  const random = new SeededRandom(1);
  const keys = [...createSdesKeys(random, cryptoSuiteNames), ...createSdesKeys(random, cryptoSuiteNames)];
  expect(keys.map(({ suite }) => suite)).toEqual([...cryptoSuiteNames, ...cryptoSuiteNames]);
  expect(keys.every((key) => readSdesKey(key) !== undefined)).toBe(true);
  expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
});
