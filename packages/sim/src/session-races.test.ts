import { describe, expect, it } from 'vitest';
import type { MediaNegotiation, OutgoingInvite } from '@switchhook/sip';
import { description } from './scripted-peer.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

/** Lets one question to the media, or to those of a branch, wait until it is answered by hand. */
function suspend(
  media: MediaNegotiation,
  name: 'createOffer' | 'createAnswer' | 'acceptAnswer',
  resume: (() => void)[] = [],
): () => void {
  const asked = media[name].bind(media) as (...parameters: unknown[]) => Promise<unknown>;
  const fork = media.fork?.bind(media);
  const suspended = (...parameters: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      resume.push(() => {
        asked(...parameters).then(resolve, reject);
      });
    });
  const suspendedFork = (): MediaNegotiation | undefined => {
    const branch = fork?.();
    if (branch !== undefined) suspend(branch, name, resume);
    return branch;
  };
  Object.assign(media, { [name]: suspended, fork: suspendedFork });
  return () => {
    for (const each of resume.splice(0)) each();
  };
}

async function ringing(stage: SessionStage): Promise<OutgoingInvite> {
  const invite = await stage.call();
  stage.peer.respond(stage.peer.last('INVITE'), 180);
  await stage.settle();
  return invite;
}

describe('an INVITE of this side', () => {
  it('whose signal is aborted from the start is never sent', async () => {
    const stage = await SessionStage.set();
    const target = `sip:peer@${stage.peer.address}`;
    const invite = stage.alice.sessions.invite({ target, signal: AbortSignal.abort() });
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
    expect(stage.peer.requests).toEqual([]);
  });

  it('for which there is no port is never sent', async () => {
    const stage = await SessionStage.set();
    stage.alice.engine.exhausted = true;
    const invite = await stage.call();
    expect(await invite.outcome).toEqual({ kind: 'no-media', message: 'no port is left' });
    expect(stage.peer.requests).toEqual([]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('that gets no more than a 100 is given up when its time is over', async () => {
    const stage = await SessionStage.set({ ringTime: 5_000 });
    const invite = await stage.call();
    await stage.settle(5_000);
    expect(stage.peer.cancels).toHaveLength(1);
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'no-answer' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('whose interval is too small for one behind somebody who rings goes again', async () => {
    const stage = await SessionStage.set();
    const invite = await ringing(stage);
    stage.peer.respond(stage.peer.last('INVITE'), 422, { headers: [['Min-SE', '3600']] });
    await stage.settle();
    expect(stage.peer.count('INVITE')).toBe(2);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect((await invite.outcome).kind).toBe('answered');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('that is cancelled does not go again for a longer interval', async () => {
    const stage = await SessionStage.set();
    const invite = await ringing(stage);
    invite.cancel();
    stage.peer.respond(stage.peer.last('INVITE'), 422, { headers: [['Min-SE', '3600']] });
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(stage.peer.count('INVITE')).toBe(1);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('whose answer is being looked at acknowledges a further branch, and can still be given up', async () => {
    const stage = await SessionStage.set();
    const invite = await ringing(stage);
    const resume = suspend(invite.sessions[0]?.media ?? invite.media, 'acceptAnswer');
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 200, { body: description() });
    stage.peer.respondApart(transaction, 200, 'other', description());
    await stage.settle();
    expect(stage.peer.acks).toHaveLength(2);
    expect(stage.peer.last('BYE').request.toTag).toBe('other');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    invite.cancel();
    await stage.settle();
    expect(stage.peer.last('BYE').request.toTag).toBe('peer');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    resume();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('whose far end hangs up while its answer is looked at leaves nothing', async () => {
    const stage = await SessionStage.set();
    const invite = await ringing(stage);
    const resume = suspend(invite.sessions[0]?.media ?? invite.media, 'acceptAnswer');
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    const bye = stage.peer.within(stage.peer.last('INVITE').request, 'BYE', 1);
    await stage.settle();
    expect(statusesOf(bye)).toEqual([200]);
    resume();
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'answered', session: { end: { kind: 'remote' } } });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['calling', undefined],
    ['proceeding', 180],
  ])(
    'that is %s when the machine comes into another network fails at once, whatever comes of it',
    async (state, status) => {
      const stage = await SessionStage.set();
      const invite = await stage.call();
      const transaction = stage.peer.last('INVITE');
      if (status !== undefined) stage.peer.respond(transaction, status);
      await stage.settle();
      expect(invite.state).toBe(state);
      stage.alice.agent.networkChanged();
      await stage.settle();
      expect(await invite.outcome).toMatchObject({ kind: 'unreachable', failure: { code: 'closed' } });
      expect(stage.alice.engine.standing.size).toBe(0);
      stage.peer.respond(transaction, 200, { body: description() });
      await stage.settle();
      stage.peer.respond(stage.peer.last('BYE'), 200);
      expect(await stage.leftOvers()).toEqual([]);
    },
  );

  it('that meets no port for its early offer rings without it', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ headers: [['Supported', '100rel']] });
    stage.alice.engine.exhausted = true;
    incoming.progress({ media: true });
    await stage.settle();
    expect(call.responses.map(({ status, body }) => [status, body])).toEqual([[183, '']]);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('whose late answer takes long sends no ACK before, and the same ACK for each 2xx after', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call(true);
    const resume = suspend(invite.media, 'createAnswer');
    const transaction = stage.peer.last('INVITE');
    for (let count = 0; count < 2; count += 1) stage.peer.respondApart(transaction, 200, 'peer', description());
    await stage.settle();
    expect(stage.peer.acks).toEqual([]);
    resume();
    await stage.settle();
    stage.peer.respondApart(transaction, 200, 'peer', description());
    await stage.settle();
    expect(stage.peer.acks.map(({ body }) => body)).toEqual([stage.peer.acks[0]?.body, stage.peer.acks[0]?.body]);
    expect((await invite.outcome).kind).toBe('answered');
    transaction.stop();
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each(['preparing', 'calling', 'proceeding', 'settling', 'cancelling'])(
    'ends with the agent when it is %s',
    async (state) => {
      const stage = await SessionStage.set();
      const invite = stage.alice.sessions.invite({ target: `sip:peer@${stage.peer.address}` });
      let resume = (): void => undefined;
      if (state !== 'preparing') await stage.settle();
      if (state !== 'preparing' && state !== 'calling') {
        stage.peer.respond(stage.peer.last('INVITE'), 180);
        await stage.settle();
      }
      if (state === 'cancelling') invite.cancel();
      if (state === 'settling') {
        resume = suspend(invite.sessions[0]?.media ?? invite.media, 'acceptAnswer');
        stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
        await stage.settle();
      }
      expect(invite.state).toBe(state);
      await stage.alice.agent.stop();
      resume();
      expect(await invite.outcome).toMatchObject({ kind: 'unreachable', failure: { code: 'stopped' } });
      expect(await stage.leftOvers()).toEqual([]);
    },
  );
});

describe('an INVITE of the far end', () => {
  const late = { headers: [['Supported', '100rel']] as const };

  it.each(['CANCEL', 'BYE', 'reject', 'expire', 'stop'])(
    'that is being accepted while its offer is made, and meets %s',
    async (event) => {
      const stage = await SessionStage.set();
      const headers = event === 'expire' ? ([['Expires', '1']] as const) : [];
      const { incoming, call } = await stage.called({ headers });
      incoming.ring();
      await stage.settle();
      const [response] = call.responses;
      if (response === undefined) throw new Error('it does not ring');
      const resume = suspend(incoming.session.media, 'createOffer');
      const accepted = incoming.accept();
      if (event === 'CANCEL') call.transaction.cancel();
      if (event === 'BYE') stage.peer.within(response, 'BYE', 2);
      if (event === 'reject') incoming.reject(486);
      if (event === 'stop') await stage.alice.agent.stop();
      await stage.settle(1_000);
      resume();
      await stage.settle();
      expect(await accepted).toEqual({ kind: 'gone' });
      if (event !== 'stop') expect(finalOf(call).status).toBe(event === 'reject' ? 486 : 487);
      expect(await stage.leftOvers()).toEqual([]);
    },
  );

  it('that is being accepted while a PRACK is missing ends with 504', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ body: description(), ...late });
    incoming.progress({ media: true });
    const accepted = incoming.accept();
    await stage.settle(33_000);
    expect([finalOf(call).status, await accepted]).toEqual([504, { kind: 'gone' }]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each(['CANCEL', 'BYE', 'expire', 'stop'])('that is being looked at, and meets %s', async (event) => {
    const stage = await SessionStage.set();
    let resume = (): void => undefined;
    stage.alice.made = (media) => {
      resume = suspend(media, 'createAnswer');
    };
    const headers = event === 'expire' ? ([['Expires', '1']] as const) : [];
    const call = stage.peer.invite('sip:alice@192.0.2.1', { body: description(), headers });
    await stage.settle(300);
    expect(statusesOf(call)).toEqual([100]);
    if (event === 'expire') await stage.settle(1_000);
    if (event === 'CANCEL') call.transaction.cancel();
    if (event === 'BYE') [...stage.alice.agent.dialogs][0]?.end({ kind: 'abandoned' });
    if (event === 'stop') await stage.alice.agent.stop();
    await stage.settle();
    resume();
    await stage.settle();
    expect(stage.alice.incoming).toEqual([]);
    if (event !== 'stop') expect(finalOf(call).status).toBe(487);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('that rings ends with the agent', async () => {
    const stage = await SessionStage.set();
    const { incoming } = await stage.called();
    const ends: unknown[] = [];
    incoming.listen((event) => {
      if (event.kind === 'ended') ends.push(event.end);
    });
    incoming.ring();
    await stage.alice.agent.stop();
    expect(ends).toEqual([{ kind: 'stopped' }]);
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('a session', () => {
  it('whose 2xx waits for its ACK ends by the far end’s BYE, wanted or not', async () => {
    for (const leaves of [false, true]) {
      const stage = await SessionStage.set();
      const { incoming, call } = await stage.called();
      void incoming.accept();
      await stage.settle();
      if (leaves) void incoming.session.hangUp();
      const bye = stage.peer.within(finalOf(call), 'BYE', 2);
      await stage.settle();
      expect([statusesOf(bye), stage.peer.count('BYE')]).toEqual([[200], 0]);
      expect(incoming.session.end?.kind).toBe(leaves ? 'local' : 'remote');
      expect(await stage.leftOvers()).toEqual([]);
    }
  });

  it('that is left before an ACK which never comes is hung up all the same', async () => {
    const stage = await SessionStage.set();
    const { incoming } = await stage.called({});
    void incoming.accept();
    await stage.settle();
    void incoming.session.hangUp();
    await stage.settle(33_000);
    expect(stage.peer.count('BYE')).toBe(1);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each(['leaving', 'ending'])('that is %s ends with the agent', async (state) => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    void incoming.accept();
    await stage.settle();
    if (state === 'ending') stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    const gone = incoming.session.hangUp();
    expect(incoming.session.state).toBe(state);
    await stage.alice.agent.stop();
    await gone;
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('that finds no port for its offer stays as it was, on either side', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    session.media.createOffer = () => Promise.reject(new Error('no port is left'));
    const held = session.hold();
    await stage.settle();
    expect(await held).toEqual({ kind: 'no-media', message: 'no port is left' });
    const reinvite = stage.peer.within(response, 'INVITE', 2);
    await stage.settle();
    expect(statusesOf(reinvite)).toEqual([503]);
    expect([session.state, session.localHold]).toEqual(['confirmed', 'none']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
