import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.13: Alice calls past Bob's proxy, is sent there, and is on his list; she hears from a server why she was refused. */
export const incomingCallScreening: FlowScript = {
  flow: '2.13',
  proxyTask: 'refuse calls from alice to bob with 403 and Error-Info: <sip:screen-fail-term-ann@ms.biloxi.example.com>',
  setting: {
    settings: { bob: { screening: { incoming: { deny: ['alice@atlanta.example.com'] } } } },
    servers: { announcement: { at: 'sip:screen-fail-term-ann@ms.biloxi.example.com' } },
    machines: { 'announcement-server': { announcement: { user: 'screen-fail-term-ann' } } },
  },
  phones: { bob: { screeningProxy: 'sip:ss1.example.com' } },
  async play(stage) {
    const alice = stage.phone('alice');
    await alice.findsForbidden(stage.party('bob'));
    await alice.hearWhy(stage.party('announcement-server'));
    await stage.listen();
  },
};

/** RFC 5359 2.14: Bob is on the list of those whom Alice may not call. */
export const outgoingCallScreening: FlowScript = {
  flow: '2.14',
  proxyTask: 'refuse calls from alice to bob with 403, and say in Error-Info where she hears why',
  setting: {
    settings: { alice: { screening: { outgoing: { deny: ['bob@biloxi.example.com'] } } } },
    servers: { announcement: {} },
  },
  async play(stage) {
    await stage.phone('alice').findsForbidden(stage.party('bob'));
    await stage.listen();
  },
};
