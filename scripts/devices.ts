/** Plays the flows with baresip, linphone and SIPp in every role that they can be driven in, and writes docs/devices.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceRoles, playWithDevice, rowOf } from '../tests/peers/support/devices.ts';
import type { DeviceResult } from '../tests/peers/support/devices.ts';

/** They wait most of their time. */
const atOnce = 4;

const head = `# Devices in the flows

What devices of others make of RFC 5359: each plays a role, and all the others are this house's ([how](flows.md#hold-your-device-against-it)).
\`npm run devices\` makes this table, with Debian's baresip 1.0, linphonec 5.1 and SIPp over UDP; CI plays some rows again.

\`right\` means that no \`must\` is broken, by whomever; otherwise the first thing that is, of the device, or else of the flow: a message of
ours can be wrong because of what the device said before. A rule is explained by \`switchhook flow explain FLOW MESSAGE\`. A flow that is
not played to its end says what was waited for.

| device | flow | role | verdict | first difference |
| --- | --- | --- | --- | --- |
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
const rows = deviceRoles.flatMap((key) => results.get(key.join(' ')) ?? []).map(rowOf);
writeFileSync(join(import.meta.dirname, '../docs/devices.md'), `${head}${rows.join('\n')}\n`);
