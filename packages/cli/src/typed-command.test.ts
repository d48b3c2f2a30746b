import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { invocationOf, typed } from './typed-command.ts';

let folder: string;
let main: string;
let link: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-typed-'));
  const built = join(folder, 'node_modules', 'switchhook', 'dist');
  const bin = join(folder, 'node_modules', '.bin');
  for (const each of [built, bin]) mkdirSync(each, { recursive: true });
  main = join(built, 'main.js');
  link = join(bin, 'switchhook');
  writeFileSync(main, '');
  symlinkSync(main, link);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a command is printed as it was typed', () => {
  test('by npm, npx and others like them', () => {
    const by = (agent: string): string =>
      invocationOf({ program: link, environment: { npm_config_user_agent: agent, PATH: '' }, folder });
    expect(by('npm/10.8.2 node/v20.19.2 linux x64 workspaces/false')).toBe('npx switchhook');
    expect(by('pnpm/9.0.0 npm/? node/v24')).toBe('pnpm exec switchhook');
    expect(by('yarn/4.1.0 npm/? node/v24')).toBe('yarn switchhook');
    expect(by('something/1')).toBe('npx switchhook');
  });

  test('by its name where the PATH leads to it, and to no other of that name', () => {
    const path = (place: string): string =>
      invocationOf({ program: link, environment: { PATH: ['/nowhere', place].join(delimiter) }, folder });
    expect(path(join(folder, 'node_modules', '.bin'))).toBe('switchhook');
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'switchhook'), '');
    expect(path(other)).toBe('node_modules/.bin/switchhook');
  });

  test('by its file', () => {
    expect(invocationOf({ program: link, environment: {}, folder })).toBe('node_modules/.bin/switchhook');
    expect(invocationOf({ program: link, environment: {}, folder: tmpdir() + '/elsewhere' })).toBe(link);
    expect(invocationOf({ program: main, environment: {}, folder })).toBe('node node_modules/switchhook/dist/main.js');
  });

  test('in the repository by the script that it has', () => {
    expect(typed('flow 2.1')).toBe('npm run switchhook -- flow 2.1');
  });
});
