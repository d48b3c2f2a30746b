import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.18: Bob clicks on Carol's address on his PC, and his phone calls her. */
export const clickToDial: FlowScript = {
  flow: '2.18',
  async play(stage) {
    const [computer, bob, carol] = [stage.phone('pc'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([computer.dialWith(bob, carol), carol.answer()]);
    await bob.connected(carol);
    await stage.listen();
  },
};
