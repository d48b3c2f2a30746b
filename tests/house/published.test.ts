import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packageNames } from '../../scripts/arrows.ts';
import { compiler } from '../../scripts/compiler.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../..');
const packages = packageNames;

/** Runs a program as somebody outside this repository would: with the Node of the machine, if it has one. */
function run(directory: string, program: string, ...args: string[]): string {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { ...process.env, PATH: [...path, dirname(process.execPath)].join(delimiter) };
  return execFileSync(program, args, { cwd: directory, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('what is published', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-published-'));
  const tarballs = join(folder, 'tarballs');
  const user = join(folder, 'user');

  beforeAll(() => {
    mkdirSync(tarballs);
    mkdirSync(user);
    run(repository, 'npm', 'run', 'build');
    run(
      repository,
      'npm',
      'pack',
      '--pack-destination',
      tarballs,
      ...packages.flatMap((name) => ['-w', `packages/${name}`]),
    );
    writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
    const files = readdirSync(tarballs).map((file) => join(tarballs, file));
    expect(files).toHaveLength(packages.length);
    run(user, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...files);
  }, 300_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('gives a working switchhook command', () => {
    expect(run(user, process.execPath, 'node_modules/switchhook/dist/main.js', '--version')).toMatch(
      /^switchhook \d+\.\d+\.\d+\n$/,
    );
    expect(run(user, join(user, 'node_modules/.bin/switchhook'), '--help')).toContain('run the exchange');
  });

  test('checks a configuration', () => {
    const file = join(user, 'switchhook.yaml');
    writeFileSync(file, 'domains: [{ name: example.com }]\nlisteners: [{ protocol: udp, address: 192.0.2.1 }]\n');
    expect(run(user, join(user, 'node_modules/.bin/switchhook'), 'serve', '--check', '--config', file)).toBe(
      `${file} is fine\n`,
    );
  });

  test('carries its licence and its README, and no test', () => {
    for (const name of packages) {
      const packed = readdirSync(join(user, 'node_modules', name === 'cli' ? 'switchhook' : `@switchhook/${name}`), {
        recursive: true,
        encoding: 'utf8',
      });
      expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md']));
      expect(packed.filter((file) => /\.(?:test|testing)\./.test(file))).toEqual([]);
    }
  });

  test('gives importable libraries with types, which what their READMEs show goes with', () => {
    writeFileSync(
      join(user, 'main.ts'),
      `import { parseMessage, SipRequest } from '@switchhook/sip';
import { SimulatedNetwork } from '@switchhook/sim';
import { Exchange } from '@switchhook/exchange';
import { DevelopmentCertificateAuthority } from '@switchhook/node';
const message = parseMessage(['OPTIONS sip:a@b.test SIP/2.0', 'Via: SIP/2.0/UDP c.test;branch=z9hG4bK1', 'From: <sip:c@c.test>;tag=1', 'To: <sip:a@b.test>', 'Call-ID: 1', 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', '', ''].join('\\r\\n'));
const method: string = message instanceof SipRequest ? message.method : 'none';
console.log(method, typeof SimulatedNetwork, typeof Exchange, typeof DevelopmentCertificateAuthority);
`,
    );
    expect(run(user, process.execPath, 'main.ts')).toBe('OPTIONS function function function\n');
    const examples = packages.flatMap((name) => {
      const readme = readFileSync(join(repository, 'packages', name, 'README.md'), 'utf8');
      return Array.from(readme.matchAll(/^```ts\n([^]*?)^```/gm), ([, example = ''], index) => {
        const file = `readme-${name}-${String(index)}.ts`;
        writeFileSync(join(user, file), example);
        return file;
      });
    });
    // The command's shows commands.
    expect(examples).toHaveLength(packages.length - 1);
    const types = join(repository, 'node_modules/@types');
    run(
      user,
      process.execPath,
      compiler,
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      'node',
      '--typeRoots',
      types,
      'main.ts',
      ...examples,
    );
  });
});
