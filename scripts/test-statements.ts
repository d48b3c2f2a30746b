/** `npm run test:statements`: runs the tests that cite statements of RFC 5359, which makes docs/coverage.md. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statementsIn } from './statement-table.ts';

const repository = join(import.meta.dirname, '..');
const files = globSync(['packages/*/src/**/*.test.ts', 'tests/house/**/*.test.ts'], { cwd: repository });
const citing = files.filter((file) => statementsIn(readFileSync(join(repository, file), 'utf8')).length > 0);
const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', '--project', 'unit', ...citing], {
  cwd: repository,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exitCode = status ?? 1;
