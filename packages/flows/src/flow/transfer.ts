import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.4: Bob calls Alice, Alice sends him to Carol and hangs up without waiting for what comes of it. */
export const unattendedTransfer: FlowScript = {
  flow: '2.4',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([bob.call(alice), alice.answer()]);
    await stage.listen();
    await Promise.all([alice.transfer(bob, carol), bob.ended(alice), carol.answer()]);
    await bob.connected(carol);
    await stage.listen();
  },
};

/** RFC 5359 2.5: Bob talks to Alice, holds her, asks Carol, holds her as well, and gives them to each other. */
export const attendedTransfer: FlowScript = {
  flow: '2.5',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await bob.hold(alice);
    await stage.listen();
    await Promise.all([bob.call(carol), carol.answer()]);
    await stage.listen();
    await bob.hold(carol);
    await stage.listen();
    await bob.transferTo(alice, carol);
    await Promise.all([alice.connected(carol), carol.connected(alice), alice.ended(bob), carol.ended(bob)]);
    await stage.listen();
  },
};

/** RFC 5359 2.6: Bob, in a call with Alice, sends Carol a text with a link, and she takes his place by following it. */
export const transferByInstantMessage: FlowScript = {
  flow: '2.6',
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await Promise.all([bob.sendLink(alice, carol), carol.followLink()]);
    await Promise.all([alice.connected(carol), bob.ended(alice)]);
    await stage.listen();
  },
};
