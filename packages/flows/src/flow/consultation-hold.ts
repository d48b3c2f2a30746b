import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.2: Bob puts Alice on hold, asks Carol, and goes back to Alice, who hangs up in the end. */
export const consultationHold: FlowScript = {
  flow: '2.2',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await bob.hold(alice);
    await stage.listen();
    await Promise.all([bob.call(carol), carol.answer()]);
    await stage.listen();
    await bob.hangUp(carol);
    await carol.ended(bob);
    await stage.listen();
    await bob.resume(alice);
    await stage.listen();
    await alice.hangUp(bob);
    await bob.ended(alice);
  },
};
