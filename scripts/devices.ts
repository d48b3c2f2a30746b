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
\`switchhook flow explain FLOW MESSAGE\`. SIPp says what a scenario has it say: it shows that who keeps to the RFC is let through, and
knows a second dialog by the ending of its Call-ID, or by another of its calls that leaves word.

`;

const missing = `
## Roles that are not there

| role | why |
| --- | --- |
| Bob of 2.3, 2.10, 2.11 and 2.15, Carol of 2.11 and 2.15, Bill of 2.16, Alice of 2.17, the PC of 2.18, Bob and Carol of 2.6 | Neither baresip nor linphonec has a command for it: a REFER to a server or outside of a call, a conference mixed by the phone, a call that joins, retrieves or picks up, a redial on a notice, a link that is sent or followed. In SIPp it would be three dialogs and more that wait for each other's messages. |
| B1 of 2.8, B2 and B3 of 2.12, Bob of 2.13 and 2.17 | They refuse (486, 480, 305) by a setting before anything rings, for which neither has a command. |
| Bob of 2.14 | He is never called. |
| Alice of 2.13 | She calls past the proxy, by a name that only our phones can find. |
| SIPp where the ladder has a proxy | It registers in a process of its own; the calls are those of the other flows. |
| proxies and servers | A proxy is tried with \`--proxy\` ([Kamailio](flows.md#your-proxy)); a server is always ours. |
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
  `${head}${sum}\n\n${table.join('\n')}\n\n## Where the differences come from\n\n${causes.join('\n')}\n${missing}`,
);
for (const result of untraced) process.stderr.write(`not traced: ${rowOf(result)}\n`);
process.exitCode = untraced.length === 0 ? 0 : 1;
