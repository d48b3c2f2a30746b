/** Tries what baresip and linphone can do with REFER, and writes the table of docs/referrals.md. */
import { writeFileSync } from 'node:fs';
import { pageWith, referralDevices, ReferralStage, referralTries } from '../tests/peers/support/referral-tries.ts';

const stage = await ReferralStage.start();
const cells = new Map<string, string[]>();
try {
  for (const each of referralTries) {
    const row: string[] = [];
    for (const device of referralDevices) row.push(await stage.play(device, each));
    process.stdout.write(`${[each.name, ...row].join(' | ')}\n`);
    cells.set(each.name, row);
  }
} finally {
  await stage.stop();
}
const { file, text } = pageWith(cells);
writeFileSync(file, text);
