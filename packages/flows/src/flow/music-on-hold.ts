import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.3: Bob puts Alice on hold, a server plays music to her, and he takes her back. */
export const musicOnHold: FlowScript = {
  flow: '2.3',
  setting: { servers: { music: {} } },
  async play(stage) {
    const [alice, bob, server] = [stage.phone('alice'), stage.phone('bob'), stage.party('music-server')];
    await Promise.all([alice.call(bob), bob.answer()]);
    await stage.listen();
    await bob.hold(alice);
    await stage.listen();
    await bob.playMusic(alice, server);
    await alice.connected(server);
    await stage.listen();
    await bob.resume(alice);
    await alice.connected(bob);
    await stage.listen();
  },
};
