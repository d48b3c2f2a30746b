/** `npm run check`: types, lint, format, unused code and exports, docstrings of what is exported, the direction of the arrows. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { wrongArrows } from './arrows.ts';
import { compiler } from './compiler.ts';

const repository = join(import.meta.dirname, '..');

/** Those that take longest first, so that all processors are at work to the end. */
const steps: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['lint', ['eslint', '--max-warnings', '0', '.']],
  ['types of everything, tests included', ['node', compiler, '-p', 'tsconfig.json']],
  // What tests bring along, such as the DOM's types, is not there for what is published.
  ['types of all packages, without tests', ['node', compiler, '-p', 'tsconfig.packages.json']],
  // These two know neither Node nor the DOM.
  ...['sip', 'sim'].map(
    (name) => [`types of packages/${name}`, ['node', compiler, '-p', `packages/${name}/tsconfig.json`]] as const,
  ),
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['unused code and exports', ['knip', '--no-progress']],
  ['docstrings of all that is exported', ['node', 'scripts/docstrings.ts']],
];

function run(name: string, command: readonly string[]): Promise<boolean> {
  const started = performance.now();
  const options = { cwd: repository, maxBuffer: Infinity, shell: process.platform === 'win32' };
  return new Promise((resolve) => {
    execFile('npx', ['--no-install', ...command], options, (error, stdout, stderr) => {
      resolve(tell(name, error === null, `${stdout}${stderr}`, started));
    });
  });
}

/** As many at a time as there are processors. */
async function runAll(): Promise<readonly boolean[]> {
  const waiting = [...steps];
  const results: boolean[] = [];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) results.push(await run(...step));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

function tell(name: string, good: boolean, detail: string, started: number): boolean {
  console.log(`${good ? '✓' : '✗'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!good) console.log(detail);
  return good;
}

const started = performance.now();
const arrows = wrongArrows(repository);
const results = [tell('direction of the arrows', arrows.length === 0, arrows.join('\n'), started), ...(await runAll())];
if (results.includes(false)) process.exitCode = 1;
