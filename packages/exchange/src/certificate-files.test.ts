import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOf, readCertificateFiles } from './certificate-files.ts';
import { loadConfiguration } from './config/configuration.ts';
import { issueInto, SteppedClock } from './certificates.testing.ts';

const day = 24 * 3_600_000;
const names = { addresses: ['127.0.0.1'] };

let folder: string;
let good: { certificate: string; key: string; ca: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-files-'));
  good = await issueInto(folder, 'good', names);
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(tls: Partial<typeof good>, now = Date.now()): ReturnType<typeof readCertificateFiles> {
  return readCertificateFiles(
    { tls: { certificate: undefined, key: undefined, ca: undefined, clientCertificates: 'none', ...tls } },
    now,
  );
}

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('a certificate, its key and the authority are read as they are', () => {
  const { own, ca } = read(good);
  expect(own?.certificate).toContain('BEGIN CERTIFICATE');
  expect(endOf(own?.certificate ?? '')).toBeGreaterThan(Date.now() + 700 * day);
  expect(ca).toContain('BEGIN CERTIFICATE');
  expect(read({})).toEqual({ own: undefined, ca: undefined });
});

describe('a fault names the file and what to do:', () => {
  test('the key of another certificate', async () => {
    const other = await issueInto(folder, 'other', names);
    expect(() => read({ ...good, key: other.key })).toThrow(
      `${other.key} is not the key of the certificate in ${good.certificate}; name the two that were made together`,
    );
  });

  test('a certificate that has run out, or is not valid yet', () => {
    const file = good.certificate;
    expect(() => read(good, Date.now() + 900 * day)).toThrow(new RegExp(`^${file} ran out on 20.*; have it renewed`));
    expect(() => read(good, Date.now() - 2 * day)).toThrow(new RegExp(`^${file} is valid from .* is the clock`));
  });

  test.each(['certificate', 'key', 'ca'] as const)('a missing %s, with its place in a configuration file', (which) => {
    const path = join(folder, 'placed.yaml');
    const tls = Object.entries({ ...good, [which]: 'missing.pem' }).map(([key, value]) => `  ${key}: ${value}\n`);
    const text = `domains: [{name: a.example}]\nlisteners: [{protocol: tls, address: 127.0.0.1}]\ntls:\n${tls.join('')}`;
    writeFileSync(path, text);
    const line = text.slice(0, text.indexOf('missing.pem')).split('\n').length;
    expect(() => readCertificateFiles(loadConfiguration(path), Date.now())).toThrow(
      `${path}:${String(line)}:${String(which.length + 5)}: tls.${which}: ${join(folder, 'missing.pem')} does not exist`,
    );
  });

  test.each(['certificate', 'key', 'ca'] as const)('a missing %s', (which) => {
    const file = join(folder, 'missing.pem');
    expect(() => read({ ...good, [which]: file })).toThrow(`${file} does not exist; correct tls.${which}`);
    expect(() => read({ ...good, [which]: folder })).toThrow(`${folder} is a folder; name the PEM file`);
  });

  test.skipIf(process.getuid?.() === 0)('one that may not be read', () => {
    const file = write('secret.key', '');
    chmodSync(file, 0);
    expect(() => read({ ...good, key: file })).toThrow(`${file} may not be read by this user`);
  });

  test('text that is none of what is asked for', () => {
    const file = write('notes.pem', 'remember the milk');
    expect(() => read({ ...good, certificate: file })).toThrow(`${file} holds no certificate in PEM form`);
    expect(() => read({ ...good, key: file })).toThrow(`${file} holds no private key in PEM form`);
    expect(() => read({ ca: file })).toThrow(`${file} holds no certificate in PEM form`);
  });

  test('a certificate that was cut or changed', () => {
    const file = write('cut.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    expect(() => read({ ...good, certificate: file })).toThrow(`${file} is damaged`);
    expect(() => read({ ...good, ca: file })).toThrow(`${file} is damaged`);
  });

  test('an encrypted key', () => {
    const file = join(folder, 'locked.key');
    execFileSync('openssl', ['pkey', '-in', good.key, '-aes128', '-passout', 'pass:secret', '-out', file]);
    expect(() => read({ ...good, key: file })).toThrow(`${file} is encrypted; take the passphrase off`);
  });
});

test('a key that OpenSSL finds too weak is told with the file', () => {
  const weak = { certificate: join(folder, 'weak.pem'), key: join(folder, 'weak.key') };
  const make = `req -x509 -newkey rsa:1024 -noenc -subj /CN=weak -days 9 -keyout ${weak.key} -out ${weak.certificate}`;
  execFileSync('openssl', make.split(' '), { stdio: 'ignore' });
  expect(() => read(weak)).toThrow(new RegExp(`^${weak.certificate} is refused by OpenSSL .*key too small`));
});

test('what is good on another day is judged by the clock that is given', async () => {
  const clock = new SteppedClock(-1_000 * day);
  const old = await issueInto(join(folder, 'then'), 'old', names, clock);
  expect(() => read(old)).toThrow('ran out');
  expect(read(old, clock.date()).own).toBeDefined();
});
