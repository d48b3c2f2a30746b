/** What phones of others can do with REFER is as docs/referrals.md has it: `npm run referrals` makes its table. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithPeers } from './support/presence.ts';
import { cellOf, ReferralStage, referralTries } from './support/referral-tries.ts';
import { tshark } from './support/tshark.ts';

let stage: ReferralStage;

beforeAll(async () => {
  stage = await ReferralStage.start();
});

afterAll(async () => {
  await stage.stop();
});

for (const [device, program] of [
  ['baresip', 'baresip'],
  ['linphone', 'linphonec'],
] as const) {
  describeWithPeers(`a ${device} beside phones of ours`, [program], () => {
    test.each(referralTries)('$name, or not, as the table has it', async (each) => {
      expect(await stage.play(device, each)).toBe(cellOf(each.name, device));
    });
  });
}

describeWithPeers('Wireshark reads what was said in all of it', ['tshark', 'baresip', 'linphonec'], () => {
  test('without a malformed field', async () => {
    for (const filter of ['sip.Method == "REFER"', 'sip.Replaces', 'sip.Referred-by', 'sipfrag']) {
      expect(await tshark(stage.capture, filter, ['frame.number']), filter).not.toEqual([]);
    }
    expect(await tshark(stage.capture, '_ws.malformed || !sip', ['frame.number'])).toEqual([]);
  });
});
