import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { broughtNode, isRecentEnough, runElsewhere } from './runtime.ts';

let complained: string;
const complain = (text: string): void => void (complained += text);

beforeEach(() => {
  complained = '';
});

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
    expect(await runElsewhere(program, ['-e', script, 'x'], complain)).toBe(7);
    expect(complained).toBe('');
  });

  test('is missed with what to do on a machine for which npm has none', async () => {
    expect(broughtNode('plan9', 'mips')).toBeUndefined();
    expect(await runElsewhere(undefined, [], complain)).toBe(1);
    expect(complained).toMatch(/^switchhook: needs Node 24 or newer; this is \S+, and npm has .*\ninstall Node 24 /);
  });

  test('is named with what stands in its way where npm brought one that does not start, as beside another libc', async () => {
    expect(await runElsewhere('/nowhere/node', [], complain)).toBe(1);
    expect(complained).toContain(', and /nowhere/node does not start (spawn /nowhere/node ENOENT)\ninstall Node 24');
  });
});
