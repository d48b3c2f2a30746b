import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.16: Alice calls Bob, it rings there, and Bill takes the call from his own phone. */
export const callPickup: FlowScript = {
  flow: '2.16',
  async play(stage) {
    const [alice, bob, bill] = [stage.phone('alice'), stage.phone('bob'), stage.phone('bill')];
    await Promise.all([alice.call(bob), bob.ring().then(() => Promise.all([bill.pickUp(bob), bob.miss()]))]);
    await alice.connected(bill);
    await stage.listen();
    await alice.hangUp(bill);
    await bill.ended(alice);
  },
};
