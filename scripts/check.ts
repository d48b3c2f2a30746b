/** `npm run check`: types, lint, format, unused code and exports, and the direction of the arrows. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageNames, wrongArrows } from './arrows.ts';

const repository = join(import.meta.dirname, '..');

const steps: readonly (readonly [name: string, command: readonly string[]])[] = [
  // Each package alone first, so that `sip` and `sim` are compiled without Node's and the DOM's types.
  ...packageNames.map(
    (name) => [`types of packages/${name}`, ['tsc', '-p', `packages/${name}/tsconfig.json`]] as const,
  ),
  ['types of everything, tests included', ['tsc', '-p', 'tsconfig.json']],
  ['lint', ['eslint', '--max-warnings', '0', '.']],
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['unused code and exports', ['knip', '--no-progress']],
];

function run(name: string, command: readonly string[]): boolean {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', ...command], {
    cwd: repository,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return tell(name, status === 0, `${stdout}${stderr}`, started);
}

function tell(name: string, good: boolean, detail: string, started: number): boolean {
  console.log(`${good ? '✓' : '✗'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!good) console.log(detail);
  return good;
}

const started = performance.now();
const arrows = wrongArrows(repository);
const results = [
  tell('direction of the arrows', arrows.length === 0, arrows.join('\n'), started),
  ...steps.map(([name, command]) => run(name, command)),
];
if (results.includes(false)) process.exitCode = 1;
