import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.10: Bob, in a call with Alice, brings Carol in, so that each of the three hears the others. */
export const thirdPartyIsAdded: FlowScript = {
  flow: '2.10',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await Promise.all([bob.addToCall(alice, carol), carol.answer()]);
    await carol.connected(bob);
    await stage.listen();
  },
};

/** RFC 5359 2.11: Carol joins the call that Bob has with Alice. */
export const thirdPartyJoins: FlowScript = {
  flow: '2.11',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await carol.join(bob);
    await bob.connected(carol);
    await stage.listen();
  },
};
