import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { broughtNode, isRecentEnough, runOn, tooOld } from './runtime.ts';

describe('the Node that the command runs on', () => {
  test.each([
    ['20.20.2', false],
    ['23.11.0', false],
    ['24.0.0', true],
    ['100.1.0', true],
  ])('%s will do: %s', (version, enough) => {
    expect(isRecentEnough(version)).toBe(enough);
  });

  test('is brought by npm for this machine, and runs with its parameters and exit code', async () => {
    const program = broughtNode(process.platform, process.arch) ?? '';
    expect(existsSync(program)).toBe(true);
    const script = `process.exitCode = process.versions.node.startsWith('24.') && process.argv[1] === 'x' ? 7 : 1`;
    expect(await runOn(program, ['-e', script, 'x'])).toBe(7);
  });

  test('is missed with what to do on a machine for which npm has none', () => {
    expect(broughtNode('plan9', 'mips')).toBeUndefined();
    expect(tooOld('20.1.0')).toContain('needs Node 24 or newer, and this is 20.1.0');
  });
});
