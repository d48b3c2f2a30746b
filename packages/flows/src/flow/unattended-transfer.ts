import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.4: Bob calls Alice, Alice transfers him to Carol and hangs up without waiting for what comes of it. */
export const unattendedTransfer: FlowScript = {
  flow: '2.4',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([bob.call(alice), alice.answer()]);
    await stage.listen();
    await Promise.all([bob.call(carol), carol.answer()]);
    await stage.listen();
  },
};
