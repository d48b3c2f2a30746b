import { open } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fileFault } from './file-fault.ts';

test.each([
  ['/nowhere/sound.wav', 'no such file or directory'],
  ['/', 'illegal operation on a directory'],
])('says what is wrong with %s without saying where again', async (path, fault) => {
  const error: unknown = await open(path, 'w').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(fileFault(error)).toBe(fault);
});

test('a disk that is full is told as that', () => {
  expect(fileFault(new Error('ENOSPC: no space left on device, write'))).toBe('no space left on device');
  expect(fileFault(new Error('not a sound'))).toBe('not a sound');
});
