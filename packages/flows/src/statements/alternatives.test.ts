import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readOracle } from '../oracle/oracle.ts';

/** The prose of RFC 5359 names other ways to do a service: each is played, or shown by the test of what makes it possible. */

const docs = new URL('../../../../docs/', import.meta.url);
/** The table that the run of all tests makes, line by line. */
const table = readFileSync(new URL('coverage.md', docs), 'utf8').split('\n');
const alternatives = readOracle().flows.flatMap((flow) => flow.alternatives);

test('the flows name every alternative of the list that is about one of them', () => {
  const listed = readOracle().coverage.filter(({ id, level }) => level === 'ALT' && id.startsWith('C2.'));
  expect(alternatives).toEqual(listed.map(({ id }) => id));
});

test('every alternative is shown by a test that cites it, and that passes', () => {
  for (const id of alternatives) {
    const line = table.find((each) => each.startsWith(`| ${id} | ALT |`)) ?? '';
    expect(line, id).toMatch(/\| pass \|$/);
    const files = [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => new URL(path, docs));
    expect(files.length, id).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(file, 'utf8'), file.pathname).toContain(id);
  }
});
