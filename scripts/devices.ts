/**
 * Plays the flows with baresip, linphone, SIPp and `switchhook phone` in every role that they can be driven in, and writes docs/devices.md; with
 * `--only 'baresip 2.4 carol'`, once or more, those rows alone, beside the others as they stand there. `--at-once NUMBER` is how many
 * are played at a time; `--report FOLDER` keeps all that was said in each, as a report in a folder of its own. Its exit code is 1 when a difference is among them that nobody has traced.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeReport } from '@switchhook/flows';
import { isOf, tracedDifferences } from '../tests/peers/support/device-differences.ts';
import { absentRoles, deviceRoles } from '../tests/peers/support/device-roles.ts';
import { playWithDevice, readRow, rowOf } from '../tests/peers/support/devices.ts';
import type { DeviceResult, TableRow } from '../tests/peers/support/devices.ts';

const page = join(import.meta.dirname, '../docs/devices.md');

/** They wait most of their time. */
const defaultAtOnce = '4';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    'at-once': { type: 'string', default: defaultAtOnce },
    report: { type: 'string' },
  },
});
const nameOf = (key: readonly string[]): string => key.join(' ');
const unknown = values.only?.find((name) => !deviceRoles.some((key) => nameOf(key) === name));
if (unknown !== undefined)
  throw new RangeError(`"${unknown}" is no row: say device, flow and role, 'baresip 2.4 carol'`);

const head = `# Devices in the flows

What devices make of RFC 5359: each plays a role, and all the others are parts of the flow ([how](flows.md#hold-your-device-against-it)).
\`npm run devices\` makes this page, with Debian's baresip 1.0, linphonec 5.1 and SIPp over UDP and with \`switchhook phone\` as its person starts
it, over UDP where it registers and over TLS where it is called directly; \`npm run devices -- --only 'baresip 2.4 carol'\` makes a row of it anew; CI plays all again that are \`right\` or \`differ\`, and holds them to it.

\`right\` means that no \`must\` is broken, by whomever; \`differs\` names the first thing that is. \`cannot\` is a role that the device
does not take to the end of the flow, with what it lacks. What each is about stands below; a rule is explained by
\`switchhook flow explain FLOW MESSAGE\`. What an RFC advises is not counted, nor an order that it has without a MUST, though \`switchhook flow\`
tells of it: linphone answers a hold by \`c=0.0.0.0\`, which RFC 3264 8.4 says "is no longer recommended", and hangs up a call that is
replaced before it accepts what replaces it, where RFC 3891 3 has the 200 first, and a MUST for who cannot accept alone. SIPp says what a scenario has it say: it shows that who keeps to the RFC is let through. Its
scenarios are written in a person's words (tests/peers/support/sipp-roles.ts). What is said to it waits until the scenario waits for it, and
so do the steps of the flow (tests/peers/support/sipp-prompter.ts; [simpler](flows.md#a-sipp-that-is-told-what-to-do), where one is told alone).

`;

const missing = `
## Roles that are not there

Every role of a phone in every flow is a row of each device's, but these. A proxy is tried with \`--proxy\`
([Kamailio](flows.md#your-proxy)); a server is always ours.

| device | flow and role | why |
| --- | --- | --- |
${absentRoles.map(({ devices, roles, why }) => `| ${devices.join(', ')} | ${roles.join(', ')} | ${why} |`).join('\n')}
`;

const results = new Map<string, TableRow>();
if (values.only !== undefined) {
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const row = readRow(line);
    if (row !== undefined) results.set(nameOf([row.device, row.flow, row.role]), row);
  }
}
const waiting = deviceRoles.filter((key) => values.only?.includes(nameOf(key)) ?? true).values();

async function worker(): Promise<void> {
  for (const key of waiting) {
    const start = performance.now();
    const result = await playWithDevice(...key);
    if (values.report !== undefined) {
      const { played, protocols } = result;
      const stage = `${key.join(' ')} over ${protocols.join(' and ') || 'nothing'}, on sockets of this machine`;
      const play = { played, stage, milliseconds: performance.now() - start };
      await writeReport(join(values.report, key.join('-')), [play]);
    }
    results.set(nameOf(key), result);
    process.stdout.write(`${rowOf(result)}\n`);
  }
}

await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
const all = deviceRoles.flatMap((key) => results.get(nameOf(key)) ?? []);
const found = tracedDifferences.filter((traced) =>
  all.some(({ device, flow, first }) => device === traced.device && isOf(traced, flow, first)),
);
const untraced = all.filter(
  ({ device, flow, verdict, first }) =>
    verdict !== 'right' && !tracedDifferences.some((traced) => device === traced.device && isOf(traced, flow, first)),
);
const count = (verdict: DeviceResult['verdict']): number => all.filter((each) => each.verdict === verdict).length;
const sum = `${all.length} roles: ${count('right')} right, ${count('differs')} differ, ${count('cannot')} cannot be taken.`;
const table = [
  '| device | flow | role | verdict | first difference |',
  '| --- | --- | --- | --- | --- |',
  ...all.map(rowOf),
];
const causes = [
  '| device | difference | where it comes from |',
  '| --- | --- | --- |',
  ...found.map(({ device, where, why }) => `| ${device} | ${where} | ${why} |`),
];
writeFileSync(
  page,
  `${head}${sum}\n\n${table.join('\n')}\n\n## Where the differences come from\n\n${causes.join('\n')}\n${missing}`,
);
for (const result of untraced) process.stderr.write(`not traced: ${rowOf(result)}\n`);
process.exitCode = untraced.length === 0 ? 0 : 1;
