import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import type { CertificateNames } from '@switchhook/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noLog } from '../no-log.ts';
import { certifiedName } from './certified-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchhook-names-'));
let authority: DevelopmentCertificateAuthority;

beforeAll(async () => {
  authority = await DevelopmentCertificateAuthority.open(folder, systemContext(noLog));
});
afterAll(() => rmSync(folder, { recursive: true }));

const machine = ['192.0.2.7', '127.0.0.1'];

test.each<[string, CertificateNames, string]>([
  ['192.0.2.7', { addresses: ['192.0.2.7'], names: ['phone.example.com'] }, '192.0.2.7'],
  ['192.0.2.7', { names: ['phone.example.com'] }, 'phone.example.com'],
  ['0.0.0.0', { addresses: ['127.0.0.1', '192.0.2.7'] }, '192.0.2.7'],
  ['0.0.0.0', { addresses: ['127.0.0.1'] }, '127.0.0.1'],
  ['0.0.0.0', { names: ['phone.example.com'], addresses: ['192.0.2.99'] }, 'phone.example.com'],
  // Nobody will find it there, and it says so by failing.
  ['0.0.0.0', { addresses: ['192.0.2.99'] }, '192.0.2.7'],
])('at %s with a certificate for %j it is %s', async (address, names, name) => {
  const { certificatePem } = await authority.issue(names);
  expect(certifiedName({ certificate: certificatePem }, address, machine)).toBe(name);
});
