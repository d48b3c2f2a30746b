import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CallLogFile } from './call-log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchhook-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('adds, replaces and reads, in a folder and a file that only the owner can look into', async () => {
  const path = join(folder, 'calls', 'alice@example.com.jsonl');
  const file = new CallLogFile(path);
  expect(await file.read()).toBe('');
  await file.append('one\n');
  await file.append('two\n');
  expect(await file.read()).toBe('one\ntwo\n');
  await file.replace('three\n');
  expect(readFileSync(path, 'utf8')).toBe('three\n');
  expect([statSync(path).mode & 0o777, statSync(join(folder, 'calls')).mode & 0o777]).toEqual([0o600, 0o700]);
});

test('says what is wrong with a file that cannot be one', async () => {
  await expect(new CallLogFile(folder).read()).rejects.toThrow('EISDIR');
  const path = join(folder, 'long.jsonl');
  writeFileSync(path, 'x'.repeat(4_194_305));
  await expect(new CallLogFile(path).read()).rejects.toThrow('longer than a call log can be');
});
