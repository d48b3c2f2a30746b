import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { faultsOf, statementPage, statementsIn } from './statement-table.ts';
import type { Showing, Statement } from './statement-table.ts';

const repository = join(import.meta.dirname, '..');
/** The tests that need no other program, and are there in every run. */
const unit = 'unit';
const page = join(repository, 'docs/coverage.md');

/**
 * Makes docs/coverage.md from a run of all tests that cite statements of RFC 5359; a run of fewer leaves it alone. Where the page
 * is only to be checked, as in CI, a page that is not what the run makes fails the run.
 */
export default class StatementReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    if (this.#vitest === undefined || !(await isWhole(this.#vitest, modules))) return;
    const statements = JSON.parse(
      readFileSync(join(repository, 'packages/flows/oracle/coverage.json'), 'utf8'),
    ) as Statement[];
    const showings = modules
      .filter(({ project }) => project.name === unit)
      .flatMap(showingsIn)
      .sort((one, other) => compare(one.file, other.file));
    const faults = [...faultsOf(statements, showings)];
    const made = statementPage(statements, showings);
    if (process.env['CI'] === undefined) writeFileSync(page, made);
    else if (readFileSync(page, 'utf8') !== made) {
      faults.push('docs/coverage.md is not what this run makes: `npm run test:statements` makes it anew');
    }
    if (faults.length === 0) return;
    console.error(['Statements of RFC 5359:', ...faults].join('\n  '));
    process.exitCode = 1;
  }
}

/** Whether every unit test that cites a statement was run. */
async function isWhole(vitest: Vitest, modules: readonly TestModule[]): Promise<boolean> {
  if (vitest.config.testNamePattern !== undefined) return false;
  // A run of another project knows none of them.
  if (!modules.some(({ project }) => project.name === 'unit')) return false;
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  return (await vitest.globTestSpecifications())
    .filter(({ project }) => project.name === unit)
    .map(({ moduleId }) => moduleId)
    .filter((file) => !ran.has(file))
    .every((file) => statementsIn(readFileSync(file, 'utf8')).length === 0);
}

function showingsIn(module: TestModule): readonly Showing[] {
  const file = relative(repository, module.moduleId);
  return [...module.children.allTests()]
    .filter((test) => statementsIn(test.name).length > 0 && test.result().state !== 'skipped')
    .map((test) => ({ file, name: test.name, passed: test.ok() }));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
