import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.17: Bob talks to somebody else, so that Alice finds him busy; her phone calls him as soon as he is free. */
export const automaticRedial: FlowScript = {
  flow: '2.17',
  others: ['dave'],
  // Who may call Bob may know whether he is in a call, and nothing more (RFC 4235 3.6).
  permissions: { watchOccupation: 'everybody' },
  async play(stage) {
    const [alice, bob, dave] = [stage.phone('alice'), stage.phone('bob'), stage.phone('dave')];
    await bob.takesOneCall();
    await Promise.all([bob.call(dave), dave.answer()]);
    await alice.findsBusy(bob);
    const isFreeAgain = async (): Promise<void> => {
      await stage.listen();
      await bob.hangUp(dave);
      await bob.answer();
    };
    await Promise.all([alice.redial(bob), isFreeAgain()]);
    await alice.redialled();
    await stage.listen();
  },
};
