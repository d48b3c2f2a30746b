import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.7: all calls for Bob go to a number in the telephone network; Alice calls him, and hangs up. */
export const callForwardingUnconditional: FlowScript = {
  flow: '2.7',
  proxyTask: 'forward all calls for bob to the number that the account of gateway has as its user',
  setting: {
    settings: { bob: { forward: { always: '+19727293660' } } },
    gateways: [{ name: 'gateway', uri: 'sip:gw1.example.com', prefixes: ['+1'] }],
  },
  async play(stage) {
    const [alice, gateway, bob] = [stage.phone('alice'), stage.phone('gateway'), stage.party('bob')];
    await Promise.all([alice.call(bob), gateway.answer()]);
    await stage.listen();
    await alice.hangUp(bob);
    await gateway.ended(alice);
  },
};

/** RFC 5359 2.8: Bob's first phone is busy, so that the call goes to his second one. */
export const callForwardingBusy: FlowScript = {
  flow: '2.8',
  proxyTask: 'forward calls for bob to b2 when his phone, b1, is busy (486)',
  setting: { settings: { bob: { forward: { busy: 'b2' } } } },
  async play(stage) {
    const [alice, bob] = [stage.phone('alice'), stage.party('bob')];
    const [first, second] = [stage.phone('b1'), stage.phone('b2')];
    await first.refuseCalls('busy');
    await Promise.all([alice.call(bob), second.answer()]);
    await stage.listen();
    await alice.hangUp(bob);
    await second.ended(alice);
  },
};

/** RFC 5359 2.9: nobody answers at Bob's first phone, so that the call goes to his second one. */
export const callForwardingNoAnswer: FlowScript = {
  flow: '2.9',
  proxyTask: 'forward calls for bob to b2 when nobody answers at his phone, b1',
  setting: { settings: { bob: { forward: { noAnswer: 'b2', ringTime: 2 } } } },
  async play(stage) {
    const [alice, bob] = [stage.phone('alice'), stage.party('bob')];
    const [first, second] = [stage.phone('b1'), stage.phone('b2')];
    await Promise.all([alice.call(bob), first.miss(), second.answer()]);
    await stage.listen();
    await alice.hangUp(bob);
    await second.ended(alice);
  },
};
