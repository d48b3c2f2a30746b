import type { FlowScript } from './flow-script.ts';

/** RFC 5359 2.14: Bob is on the list of those whom Alice may not call. */
export const outgoingCallScreening: FlowScript = {
  flow: '2.14',
  setting: {
    settings: { alice: { screening: { outgoing: { deny: ['bob@biloxi.example.com'] } } } },
    servers: { announcement: {} },
  },
  async play(stage) {
    await stage.phone('alice').findsForbidden(stage.party('bob'));
    await stage.listen();
  },
};
