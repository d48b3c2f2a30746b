/** The table of docs/coverage.md: each statement of RFC 5359, and the tests of a run that show it. */

export interface Statement {
  readonly id: string;
  readonly level: string;
  readonly section: string;
  readonly statement: string;
  /** Why no test shows it. */
  readonly untested?: string | undefined;
}

/** A test that names statements, and what became of it. */
export interface Showing {
  /** The file, from the root of the repository. */
  readonly file: string;
  readonly name: string;
  readonly passed: boolean;
}

const identifier = /\bC(?:X|\d+(?:\.\d+)?)-\d{2}\b/g;
/** So many tests of one file are named; the others are counted. */
const named = 2;

/** The statements that the name of a test cites, or the text of a file. */
export function statementsIn(text: string): readonly string[] {
  return [...new Set(text.match(identifier) ?? [])];
}

/** What is wrong with a run, in words: statements that nothing shows, or a test has failed to, and those that nobody knows. */
export function faultsOf(statements: readonly Statement[], showings: readonly Showing[]): readonly string[] {
  const known = new Set(statements.map(({ id }) => id));
  const strangers = [...new Set(showings.flatMap(({ name }) => statementsIn(name)))].filter((id) => !known.has(id));
  const shown = statements.flatMap((statement) => {
    const showing = showingsOf(statement, showings);
    if (showing.some(({ passed }) => !passed)) return [`${statement.id} fails`];
    if (showing.length > 0) return statement.untested === undefined ? [] : [`${statement.id} has a test after all`];
    return statement.untested === undefined ? [`${statement.id} has no test`] : [];
  });
  return [...shown, ...strangers.map((id) => `${id} is cited by a test, and is no statement`)];
}

/** The page, in full. */
export function statementPage(statements: readonly Statement[], showings: readonly Showing[]): string {
  const sections = Map.groupBy(statements, ({ section }) => section);
  const tested = statements.filter((statement) => showingsOf(statement, showings).length > 0);
  const untested = statements.filter((statement) => statement.untested !== undefined);
  return [
    '# What shows each statement of RFC 5359',
    '',
    'Made by `npm run test:unit` from the tests that ran: do not edit. A test shows the statements that its name cites.',
    `${tested.length} of ${statements.length} statements have tests; ${untested.length} have none, and say why.`,
    'MUST, SHOULD and MAY are as in RFC 2119; ALT is another way that the text names, NEG what must not happen, INFO a word on scope.',
    '',
    ...[...sections].flatMap(([section, members]) => [
      `## ${section === 'X' ? 'What all flows assume' : section}`,
      '',
      '| | level | statement | shown by | |',
      '| --- | --- | --- | --- | --- |',
      ...members.map((statement) => row(statement, showingsOf(statement, showings))),
      '',
    ]),
  ].join('\n');
}

function row({ id, level, statement, untested }: Statement, showings: readonly Showing[]): string {
  const files = Map.groupBy(showings, ({ file }) => file);
  const cell = [...files].map(([file, tests]) => {
    const names = tests.slice(0, named).map(({ name }) => cellText(name));
    const more = tests.length > named ? [`and ${tests.length - named} more`] : [];
    return `[${file.slice(file.lastIndexOf('/') + 1)}](../${file}): ${[...names, ...more].join('; ')}`;
  });
  const verdict = showings.length === 0 ? '' : showings.every(({ passed }) => passed) ? 'pass' : '**fail**';
  return `| ${id} | ${level} | ${cellText(statement)} | ${cell.join('<br>') || (untested ?? '**nothing**')} | ${verdict} |`;
}

function showingsOf({ id }: Statement, showings: readonly Showing[]): readonly Showing[] {
  return showings.filter(({ name }) => statementsIn(name).includes(id));
}

/** The name without the statements that it cites, fit for a cell. */
function cellText(text: string): string {
  return text.replaceAll(identifier, '').trim().replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
