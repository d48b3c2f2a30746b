import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.15: Bob parks Alice, who hears music until Carol takes the call. */
export const callPark: FlowScript = {
  flow: '2.15',
  setting: { servers: { park: {} } },
  async play(stage) {
    const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
    const server = stage.party('park-server');
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await bob.park(alice, server);
    await bob.ended(alice);
    await stage.listen();
    await carol.retrieve(server);
    await alice.connected(carol);
    await stage.listen();
  },
};
