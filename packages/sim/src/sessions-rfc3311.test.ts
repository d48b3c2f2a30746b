import { describe, expect, it } from 'vitest';
import type { HeaderInit, InviteSession, OutgoingInvite } from '@switchhook/sip';
import { description, directionIn, headerOf } from './scripted-peer.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

const held = description(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], 2);

describe('RFC 3311 5.2: UPDATE', () => {
  it('with an offer is answered, and needs no ACK', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const update = stage.peer.within(response, 'UPDATE', 2, { body: held });
    await stage.settle();
    expect([statusesOf(update), directionIn(finalOf(update))]).toEqual([[200], 'recvonly']);
    expect(session.remoteHold).toBe(true);
    expect(session.modifications.state).toBe('stable');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('without an offer refreshes the target (RFC 3311 5.2)', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const update = stage.peer.within(response, 'UPDATE', 2);
    await stage.settle();
    expect([statusesOf(update), finalOf(update).body]).toEqual([[200], '']);
    expect(session.dialog.remoteTarget.toString()).toBe('sip:peer@192.0.2.9');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('gets 491 while an own offer is out', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    void session.hold();
    await stage.settle();
    const update = stage.peer.within(stage.peer.last('INVITE').request, 'UPDATE', 1, { body: held });
    await stage.settle();
    expect(statusesOf(update)).toEqual([491]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('gets 500 with Retry-After while an offer of the far end is not answered', async () => {
    const stage = await SessionStage.set();
    const { incoming, ringing } = await stage.rung();
    const update = stage.peer.within(ringing, 'UPDATE', 2, { body: held });
    await stage.settle();
    expect(statusesOf(update)).toEqual([500]);
    expect(headerOf(finalOf(update), 'Retry-After')).toMatch(/^\d+$/);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each(['UPDATE', 'INVITE'])(
    'and %s get 491 while this side’s offer in a 2xx waits for its answer',
    async (method) => {
      const stage = await SessionStage.set();
      const { incoming, call } = await stage.called({});
      void incoming.accept();
      await stage.settle();
      const update = stage.peer.within(finalOf(call), method, 2, { body: held });
      await stage.settle();
      expect(statusesOf(update)).toEqual([491]);
      await stage.alice.agent.stop();
      expect(await stage.leftOvers()).toEqual([]);
    },
  );

  it('gets 491 while this side’s offer in a reliable response waits for its PRACK', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ headers: [['Supported', '100rel']] });
    incoming.progress({ media: true });
    await stage.settle();
    const [progress] = call.responses;
    if (progress === undefined) throw new Error('no 183');
    const update = stage.peer.within(progress, 'UPDATE', 2, { body: held });
    await stage.settle();
    expect(statusesOf(update)).toEqual([491]);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('without an offer gets 500 with Retry-After, too, behind one that is not answered', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const { media } = session;
    const createAnswer = media.createAnswer.bind(media);
    const suspended = Promise.withResolvers<undefined>();
    media.createAnswer = async (offer) => {
      await suspended.promise;
      return createAnswer(offer);
    };
    const first = stage.peer.within(response, 'UPDATE', 2, { body: held });
    await stage.settle();
    const second = stage.peer.within(response, 'UPDATE', 3);
    await stage.settle();
    expect([statusesOf(first), statusesOf(second)]).toEqual([[], [500]]);
    expect(headerOf(finalOf(second), 'Retry-After')).toMatch(/^\d+$/);
    suspended.resolve(undefined);
    await stage.settle();
    const third = stage.peer.within(response, 'UPDATE', 4);
    await stage.settle();
    expect([statusesOf(first), statusesOf(third)]).toEqual([[200], [200]]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('gets 488 where its offer cannot be, and all is as it was', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const update = stage.peer.within(response, 'UPDATE', 2, { body: description(['m=audio 4000 RTP/AVP 18'], 2) });
    await stage.settle();
    expect(statusesOf(update)).toEqual([488]);
    expect(session.direction).toBe('sendrecv');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('in an early dialog is answered once offer and answer have gone reliably, by either side', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    const early = async (): Promise<number> => {
      const update = stage.peer.within(transaction.request, 'UPDATE', 1, { body: held });
      await stage.settle();
      return finalOf(update).status;
    };
    stage.peer.respond(transaction, 180);
    await stage.settle();
    expect(await early()).toBe(491);
    const reliable = [
      ['Require', '100rel'],
      ['RSeq', '1'],
    ] as const;
    stage.peer.respond(transaction, 183, { headers: reliable, body: description() });
    await stage.settle();
    stage.peer.respond(stage.peer.last('PRACK'), 200);
    const update = stage.peer.within(transaction.request, 'UPDATE', 2, { body: held });
    await stage.settle();
    expect([statusesOf(update), directionIn(finalOf(update))]).toEqual([[200], 'recvonly']);
    stage.peer.respond(transaction, 200);
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'answered', session: { direction: 'recvonly' } });
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('with an offer in one of several early dialogs changes that one alone', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 180, {}, 'other');
    stage.peer.respond(transaction, 183, { headers: reliable(1), body: description() });
    await stage.settle();
    const update = stage.peer.within(transaction.request, 'UPDATE', 1, { body: held });
    await stage.settle();
    expect([statusesOf(update), directionIn(finalOf(update))]).toEqual([[200], 'recvonly']);
    expect(invite.sessions.map(({ dialog, remoteHold }) => [dialog.remoteTag, remoteHold])).toEqual([
      ['other', false],
      ['peer', true],
    ]);
    stage.peer.respond(transaction, 486);
    expect(await stage.leftOvers()).toEqual([]);
  });
});

const allow = ['Allow', 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'] as const;

function reliable(sequence: number): HeaderInit[] {
  return [['Require', '100rel'], ['RSeq', String(sequence)], allow];
}

describe('RFC 3311 5.1: an offer of this side before the answer', () => {
  /** Alice's call, whose first offer and answer are agreed on. */
  async function early(): Promise<{ stage: SessionStage; invite: OutgoingInvite; session: InviteSession }> {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 183, { headers: reliable(1), body: description() });
    await stage.settle();
    stage.peer.respond(stage.peer.last('PRACK'), 200);
    await stage.settle();
    const [session] = invite.sessions;
    if (session === undefined) throw new Error('nobody rings');
    return { stage, invite, session };
  }

  it('goes in an UPDATE, and the answer leaves it as it is', async () => {
    const { stage, invite, session } = await early();
    const outcome = session.hold('inactive');
    await stage.settle();
    const update = stage.peer.last('UPDATE');
    expect(directionIn(update.request)).toBe('inactive');
    stage.peer.respond(update, 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive'], 2) });
    await stage.settle();
    expect(await outcome).toEqual({ kind: 'done' });
    expect([session.state, session.localHold, session.direction]).toEqual(['early', 'inactive', 'inactive']);
    stage.peer.respond(stage.peer.last('INVITE'), 200);
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'answered', session: { localHold: 'inactive' } });
    expect(stage.peer.count('INVITE')).toBe(1);
    void session.resume();
    await stage.settle();
    expect(directionIn(stage.peer.last('INVITE').request)).toBe('sendrecv');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['nothing is agreed on', [allow], false],
    ['the far end does not know UPDATE', [...reliable(1).slice(0, 2), ['Allow', 'INVITE, ACK, BYE'] as const], true],
  ])('waits for the answer where %s', async (_, headers, isReliable) => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 183, { headers, body: description() });
    await stage.settle();
    if (isReliable) stage.peer.respond(stage.peer.last('PRACK'), 200);
    const [session] = invite.sessions;
    void session?.hold('inactive');
    await stage.settle();
    expect(stage.peer.count('UPDATE')).toBe(0);
    stage.peer.respond(stage.peer.last('INVITE'), 200, isReliable ? {} : { body: description() });
    await stage.settle();
    expect([stage.peer.count('INVITE'), directionIn(stage.peer.last('INVITE').request)]).toEqual([2, 'inactive']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('is not made where it is taken back before', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle();
    const [session] = invite.sessions;
    const hold = session?.hold('inactive');
    expect(await session?.resume()).toEqual({ kind: 'done' });
    expect(await hold).toEqual({ kind: 'superseded' });
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect(stage.peer.count('INVITE')).toBe(1);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('meets one of the far end: both get 491, and the caller tries later than the callee', async () => {
    const { stage, session } = await early();
    const outcome = session.hold('inactive');
    await stage.settle();
    const theirs = stage.peer.within(stage.peer.last('INVITE').request, 'UPDATE', 1, { body: held });
    stage.peer.respond(stage.peer.last('UPDATE'), 491);
    await stage.settle();
    expect(statusesOf(theirs)).toEqual([491]);
    await stage.settle(2_000);
    expect(stage.peer.count('UPDATE')).toBe(1);
    await stage.settle(2_000);
    expect(stage.peer.count('UPDATE')).toBe(2);
    stage.peer.respond(stage.peer.last('UPDATE'), 200, {
      body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive'], 2),
    });
    await stage.settle();
    expect(await outcome).toEqual({ kind: 'done' });
    stage.peer.respond(stage.peer.last('INVITE'), 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([488, 504])('is refused with %i, and all is as it was', async (status) => {
    const { stage, invite, session } = await early();
    const outcome = session.hold('inactive');
    await stage.settle();
    stage.peer.respond(stage.peer.last('UPDATE'), status);
    await stage.settle();
    expect(await outcome).toMatchObject({ kind: 'refused', response: { status } });
    expect([session.localHold, session.direction]).toEqual(['none', 'sendrecv']);
    stage.peer.respond(stage.peer.last('INVITE'), 200);
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'answered', session: { direction: 'sendrecv' } });
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['is not answered in time', undefined],
    ['is said to belong to nothing', 481],
    ['is answered with what cannot be', 200],
  ])('that %s gives the call up', async (_, status) => {
    const { stage, invite, session } = await early();
    void session.hold('inactive');
    await stage.settle();
    if (status === undefined) await stage.settle(33_000);
    else
      stage.peer.respond(
        stage.peer.last('UPDATE'),
        status,
        status === 200 ? { body: description(['m=audio 4000 RTP/AVP 18'], 2) } : {},
      );
    await stage.settle();
    expect(stage.peer.cancels).toHaveLength(1);
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('is still out when the call is answered: it counts all the same', async () => {
    const { stage, invite, session } = await early();
    const outcome = session.hold('inactive');
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 200);
    await stage.settle();
    expect((await invite.outcome).kind).toBe('answered');
    stage.peer.respond(stage.peer.last('UPDATE'), 200, {
      body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive'], 2),
    });
    await stage.settle();
    expect(await outcome).toEqual({ kind: 'done' });
    expect([session.state, session.direction]).toEqual(['confirmed', 'inactive']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('goes from the callee, too, whose 2xx waits for its answer', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ headers: [['Supported', '100rel'], allow], body: description() });
    incoming.progress({ media: true });
    await stage.settle();
    const [progress] = call.responses;
    if (progress === undefined) throw new Error('no early media');
    stage.peer.within(progress, 'PRACK', 2, { headers: [['RAck', `${headerOf(progress, 'RSeq')} 1 INVITE`]] });
    await stage.settle();
    const outcome = incoming.session.hold('inactive');
    await stage.settle();
    void incoming.accept();
    await stage.settle();
    expect(statusesOf(call)).toEqual([183]);
    stage.peer.respond(stage.peer.last('UPDATE'), 200, {
      body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive'], 2),
    });
    await stage.settle();
    expect(await outcome).toEqual({ kind: 'done' });
    expect(statusesOf(call)).toEqual([183, 200]);
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    expect([incoming.session.state, incoming.session.direction]).toEqual(['confirmed', 'inactive']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
