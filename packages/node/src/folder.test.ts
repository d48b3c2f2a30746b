import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFolder } from './folder.ts';

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('a folder', () => {
  test('is made with those above it, each with the mode, and again without complaint', () => {
    const above = join(place(), 'a');
    makeFolder(join(above, 'b', 'c'), 0o700);
    makeFolder(join(above, 'b', 'c'), 0o700);
    expect(statSync(join(above, 'b', 'c')).isDirectory()).toBe(true);
    if (process.platform !== 'win32') expect(statSync(above).mode & 0o777).toBe(0o700);
  });

  test.skipIf(process.platform !== 'linux')('is refused at once where a file system makes none', () => {
    expect(() => makeFolder('/proc/nothing')).toThrow(/ENOENT.*\/proc\/nothing/);
    expect(() => makeFolder('/proc/nothing/below')).toThrow(/ENOENT.*\/proc\/nothing/);
  });

  test('is refused where a file stands, or has to be gone through', () => {
    const file = join(place(), 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow(/EEXIST/);
    expect(() => makeFolder(join(file, 'below'))).toThrow(/ENOTDIR|ENOENT/);
  });
});
