import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.12: one place after the other is tried for Bob: nobody is there, not logged in, busy, and at last he answers. */
export const findMe: FlowScript = {
  flow: '2.12',
  proxyTask:
    'try one after the other for bob: b1, his phone, which nobody answers; b2, which says 480; b3, which says 486; b4, which answers',
  setting: {
    settings: {
      bob: { findMe: { ring: 'in-turn', places: [{ to: 'bob', ringTime: 2 }, 'b2', 'b3', 'b4'] } },
    },
  },
  async play(stage) {
    const [alice, bob] = [stage.phone('alice'), stage.party('bob')];
    const [first, second, third, fourth] = ['b1', 'b2', 'b3', 'b4'].map((element) => stage.phone(element));
    await second?.refuseCalls('unavailable');
    await third?.refuseCalls('busy');
    await Promise.all([alice.call(bob), first?.miss(), fourth?.answer()]);
    await stage.listen();
    await fourth?.hangUp(alice);
    await alice.ended(bob);
  },
};
