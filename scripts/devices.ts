/**
 * Plays the flows with baresip, linphone and SIPp in every role that they can be driven in, and writes docs/devices.md. Its exit code
 * is 1 when a difference is among them that nobody has traced.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOf, tracedDifferences } from '../tests/peers/support/device-differences.ts';
import { deviceRoles, playWithDevice, rowOf } from '../tests/peers/support/devices.ts';
import type { DeviceResult } from '../tests/peers/support/devices.ts';

/** They wait most of their time. */
const atOnce = 4;

const head = `# Devices in the flows

What devices of others make of RFC 5359: each plays a role, and all the others are this house's ([how](flows.md#hold-your-device-against-it)).
\`npm run devices\` makes this page, with Debian's baresip 1.0, linphonec 5.1 and SIPp over UDP; CI plays some rows again.

\`right\` means that no \`must\` is broken, by whomever; \`differs\` names the first thing that is. \`cannot\` is a role that the device
does not take to the end of the flow, with what it lacks. What each is about stands below; a rule is explained by
\`switchhook flow explain FLOW MESSAGE\`. A scenario of SIPp is one dialog, so that it has the roles that are no more.

`;

const results = new Map<string, DeviceResult>();
const waiting = deviceRoles.values();

async function worker(): Promise<void> {
  for (const [device, flow, role] of waiting) {
    const result = await playWithDevice(device, flow, role);
    results.set([device, flow, role].join(' '), result);
    process.stdout.write(`${rowOf(result)}\n`);
  }
}

await Promise.all(Array.from({ length: atOnce }, worker));
const all = deviceRoles.flatMap((key) => results.get(key.join(' ')) ?? []);
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
  join(import.meta.dirname, '../docs/devices.md'),
  `${head}${sum}\n\n${table.join('\n')}\n\n## Where the differences come from\n\n${causes.join('\n')}\n`,
);
for (const result of untraced) process.stderr.write(`not traced: ${rowOf(result)}\n`);
process.exitCode = untraced.length === 0 ? 0 : 1;
