import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CertificateWatch } from './certificate-watch.ts';
import { loadCertificate } from './certificates.ts';
import type { ServerCertificate } from './certificates.ts';
import type { Configuration } from './config/configuration.ts';
import { testConfiguration } from './exchange.testing.ts';
import { context as machine, issueInto, recordingLog, SteppedClock } from './certificates.testing.ts';

const day = 24 * 3_600_000;

let clock: SteppedClock;
let lines: string[];
let folder: string;
let renewed: ServerCertificate[];
let watch: CertificateWatch;

async function watched(configuration: Configuration): Promise<ServerCertificate> {
  const context = { ...machine, clock, log: recordingLog(lines) };
  const load = (): Promise<ServerCertificate> => loadCertificate(configuration, context);
  const current = await load();
  watch = new CertificateWatch(context, load, (certificate) => void renewed.push(certificate));
  watch.start(current);
  lines.length = 0;
  return current;
}

beforeEach(() => {
  clock = new SteppedClock();
  lines = [];
  renewed = [];
  folder = mkdtempSync(join(tmpdir(), 'switchhook-certificate-'));
});

afterEach(() => {
  watch.stop();
  expect(clock.waiting).toBe(0);
  rmSync(folder, { recursive: true });
});

test("the development CA's certificate is renewed in time, and only then", async () => {
  const first = await watched(testConfiguration({}, folder));
  await clock.step(day);
  expect(renewed).toEqual([]);
  await clock.step(800 * day);
  expect(renewed).toHaveLength(1);
  expect(renewed[0]?.certificate).not.toBe(first.certificate);
  await clock.step(day);
  expect(renewed).toHaveLength(1);
  expect(lines).toContain('info certificate renewed');
});

test('what was put into the configured files is taken up; what cannot be used is told and changes nothing', async () => {
  const files = await issueInto(folder, 'server', { addresses: ['127.0.0.1'] }, clock);
  await watched(testConfiguration({ tls: files }, folder));
  await issueInto(folder, 'server', { addresses: ['127.0.0.1'] }, clock);
  await clock.step(day);
  expect(renewed).toHaveLength(1);
  writeFileSync(files.certificate, 'no longer');
  await clock.step(day);
  expect(renewed).toHaveLength(1);
  expect(lines.at(-1)).toBe('error the certificate stays as it was');
});

test('one that nobody renews is told, and at last has run out', async () => {
  const files = await issueInto(folder, 'server', { addresses: ['127.0.0.1'] }, clock);
  await watched(testConfiguration({ tls: files }, folder));
  await clock.step(800 * day);
  expect(lines).toEqual([]);
  await clock.step(10 * day);
  expect(lines).toEqual(['warn the certificate runs out soon; have it renewed']);
  await clock.step(20 * day);
  expect(lines.at(-1)).toBe('error the certificate stays as it was');
  expect(renewed).toEqual([]);
});
