import { describe, expect, it } from 'vitest';
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

  it('gets 500 with Retry-After while this side’s offer in a 2xx waits for its answer', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({});
    void incoming.accept();
    await stage.settle();
    const update = stage.peer.within(finalOf(call), 'UPDATE', 2, { body: held });
    await stage.settle();
    expect(statusesOf(update)).toEqual([500]);
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

  it('with an offer in one of several early dialogs has to wait: the branches share their media', async () => {
    const stage = await SessionStage.set();
    await stage.call();
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 180, {}, 'other');
    const reliable = [
      ['Require', '100rel'],
      ['RSeq', '1'],
    ] as const;
    stage.peer.respond(transaction, 183, { headers: reliable, body: description() });
    await stage.settle();
    const update = stage.peer.within(transaction.request, 'UPDATE', 1, { body: held });
    await stage.settle();
    expect(statusesOf(update)).toEqual([500]);
    stage.peer.respond(transaction, 486);
    expect(await stage.leftOvers()).toEqual([]);
  });
});
