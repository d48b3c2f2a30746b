import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FlowInterruption } from '../stage/played.ts';
import { Mutation } from './mutation.testing.ts';
import { printConclusion, printFinding, printReport } from './print-report.ts';

test('a failure names flow, message, rule and sentence, and docs/flows.md shows it so', () => {
  const mutation = new Mutation('2.1');
  mutation.replaceInBody('F10', 'sendonly', 'sendrecv');
  const [first] = mutation.report().failures;
  const printed = first === undefined ? '' : printFinding(first);
  expect(printed).toContain('F10 sdp.direction (must)');
  const page = readFileSync(new URL('../../../../docs/flows.md', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`\n${printed}\n\`\`\``);
});

test('a report draws the ladder with the place marked, what goes, and what was tolerated', () => {
  const mutation = new Mutation('2.1');
  mutation.header('F22', 'Route', () => undefined);
  mutation.drop('F3');
  const text = printReport(mutation.report());
  expect(text).toMatch(/^RFC 5359 2\.1 Call Hold\n/);
  expect(text).toMatch(/BYE F22 -+>\|.*✗ R-INDIALOG/);
  expect(text).toMatch(/\|<=+ Both way RTP Established =+>\| {2}✓/);
  expect(text).toContain('No RTP sent');
  expect(text).toMatch(
    /\n\nTolerated, though the flow does not print it so:\n {2}100 Trying \(T1, once\): \S.*\n\n\d failures?\. Looked at: 24 of 25 messages, \d+ rules, 4 states of sound, 1 prohibition, \d+ statements of the RFC\.\n$/,
  );
  expect(text).not.toContain('\n\n\n');
});

test('what is missing is told by its place, and advice behind the ladder', () => {
  const mutation = new Mutation('2.1');
  mutation.drop('F22', 'F23', 'F24', 'F25');
  mutation.header('F10', 'Contact', (contact) => contact.replace(/;.*/, ''));
  const text = printReport(mutation.report());
  expect(text).toContain('2.1 F22 message (must)');
  expect(text).toMatch(/\|\.+ BYE F22 \.+>\| {29}\| {2}✗ message\n/);
  expect(text).toContain('coverage C2.1-11, C2.1-14, C1.1-02');
  expect(text).toContain('Not followed, though it need not be:');
  expect(text).toContain('2.1 F10 contact.params.+sip.rendering (should)');
});

test('of a flow that ended before its time only the first message is told that it did not come to', () => {
  const mutation = new Mutation('2.1');
  mutation.drop('F12');
  for (const f of ['F16', 'F17', 'F18', 'F19', 'F20', 'F21', 'F22', 'F23', 'F24', 'F25']) mutation.drop(f);
  const report = mutation.report();
  expect(printConclusion(report)).toMatch(/F12 message .*F16 message .*F22 message /s);
  const text = printConclusion(report, { error: new Error('late') });
  expect(text).toMatch(/F12 message .*F16 message /s);
  expect(text).not.toContain('F22');
  expect(text).toContain(
    `\n${report.failures.length - 1} failures, and 1 message more that it did not come to. Looked at: `,
  );
  const interrupted = printConclusion(report, { error: new FlowInterruption() });
  expect(interrupted).toContain('F12 message');
  expect(interrupted).not.toContain('F16 message');
  expect(interrupted).toContain(', and 2 messages more that it did not come to. ');
  const told = new Set(report.failures.filter(({ message }) => message === 'F12'));
  const rest = printConclusion(report, { told });
  expect(rest).toMatch(/^What else is not as it should be:\n\n2\.1 /);
  expect(rest).not.toContain('F12');
});

test('what others have sent does not move the cursor of a terminal', () => {
  const mutation = new Mutation('2.1');
  mutation.header('F6', 'Call-ID', () => 'x\u001b[2J');
  expect(printReport(mutation.report())).not.toContain('\u001b');
});
