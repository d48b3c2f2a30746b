import { expect, test } from 'vitest';
import { faultsOf, statementPage, statementsIn } from '../../scripts/statement-table.ts';
import type { Statement } from '../../scripts/statement-table.ts';

/** Numbers that RFC 5359 does not have, so that this file shows none. */
const statement = (id: string, untested?: string): Statement => ({
  id,
  level: 'MUST',
  section: '9.1',
  statement: `what ${id} says`,
  untested,
});
const [first, second] = ['C9.1', 'C9.2'].map((section) => `${section}-${String(11)}`) as [string, string];
const file = 'packages/some/src/some.test.ts';

test('the numbers in the name of a test are the statements that it shows', () => {
  expect(statementsIn(`${first} ${second} ${first}: something, RFC 3261 C-1, C9.1-1`)).toEqual([first, second]);
});

test('a statement without a test fails, unless it says why it has none', () => {
  const shown = { file, name: `${first} is so`, passed: true };
  expect(faultsOf([statement(first)], [shown])).toEqual([]);
  expect(faultsOf([statement(first)], [])).toEqual([`${first} has no test`]);
  expect(faultsOf([statement(first, 'nobody can')], [])).toEqual([]);
});

test('so do one whose test fails, one that is said to have none, and one that nobody knows', () => {
  const shown = { file, name: `${first} is so`, passed: true };
  expect(faultsOf([statement(first)], [shown, { ...shown, passed: false }])).toEqual([`${first} fails`]);
  expect(faultsOf([statement(first, 'nobody can')], [shown])).toEqual([`${first} has a test after all`]);
  expect(faultsOf([], [shown])).toEqual([`${first} is cited by a test, and is no statement`]);
});

test('the page has a row for each, with the tests, their file and what became of them', () => {
  const name = `${first} it is | so`;
  const tests = [1, 2, 3].map((number) => ({ file, name: `${name} ${number}`, passed: true }));
  const page = statementPage([statement(first), statement(second, 'nobody can')], tests);
  expect(page).toContain('1 of 2 statements have tests; 1 have none, and say why.');
  const named = `[some.test.ts](../${file}): it is \\| so 1; it is \\| so 2; and 1 more`;
  expect(page).toContain(`| ${first} | MUST | what  says | ${named} | pass |`);
  expect(page).toContain(`| nobody can |  |`);
});
