import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.1: Alice calls Bob, Bob puts her on hold and takes her off again, Alice hangs up. */
export const callHold: FlowScript = {
  flow: '2.1',
  async play(stage) {
    const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await bob.hold(alice);
    await stage.listen();
    await bob.resume(alice);
    await stage.listen();
    await alice.hangUp(bob);
    await bob.ended(alice);
  },
};
