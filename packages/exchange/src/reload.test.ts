import { expect, test } from 'vitest';
import { testConfiguration } from './exchange.testing.ts';
import { needsRestart } from './reload.ts';

const before = testConfiguration({}, '/data');

test.each([
  [{ subscribers: [], groups: [{ user: 'g', members: ['a'] }] }, []],
  [{ limits: { registration: { minimum: 30 }, contactsPerSubscriber: 3 } }, []],
  [{ limits: { transactions: 3, headerLine: 4_096 } }, ['limits.headerLine', 'limits.transactions']],
  [{ domains: [{ name: 'example.com' }] }, ['domains']],
  [{ capture: 'a.pcapng', admin: { port: 1 } }, ['admin', 'captureFile']],
  [{ tls: { clientCertificates: 'ask' } }, ['tls.clientCertificates']],
])('%j', (change, parts) => {
  expect(needsRestart(before, testConfiguration(change, '/data'))).toEqual(parts);
});
