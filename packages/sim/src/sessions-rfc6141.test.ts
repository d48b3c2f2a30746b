import { describe, expect, it } from 'vitest';
import { description, directionIn } from './scripted-peer.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

const elsewhere = [['Contact', '<sip:elsewhere@192.0.2.9>']] as const;
const held = description(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], 2);

describe('RFC 6141: re-INVITE and what it changes', () => {
  it('3.1 rolls an offer back that was refused, with all that belonged to it', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const before = [...stage.alice.engine.standing];
    const outcome = session.hold('inactive');
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 488);
    await stage.settle();
    expect((await outcome).kind).toBe('refused');
    expect([session.localHold, session.direction]).toEqual(['none', 'sendrecv']);
    expect([...stage.alice.engine.standing]).toEqual(before);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('3.4 lets an answer to a refused re-INVITE of the far end change nothing, neither media nor target', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const body = description(['m=audio 4000 RTP/AVP 18'], 2);
    const reinvite = stage.peer.within(response, 'INVITE', 2, { body, headers: elsewhere });
    await stage.settle();
    expect(statusesOf(reinvite)).toEqual([488]);
    expect(session.dialog.remoteTarget.toString()).toBe('sip:peer@192.0.2.9');
    expect([session.direction, session.remoteHold]).toEqual(['sendrecv', false]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('4.6 takes the target of a re-INVITE with its 2xx', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const reinvite = stage.peer.within(response, 'INVITE', 2, { body: held, headers: elsewhere });
    await stage.settle();
    expect(directionIn(finalOf(reinvite))).toBe('recvonly');
    stage.peer.acknowledge(finalOf(reinvite));
    await stage.settle();
    void session.hangUp();
    await stage.settle();
    expect(stage.peer.last('BYE').request.requestUriText).toBe('sip:elsewhere@192.0.2.9');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('lets the far end cancel its re-INVITE only while it is not answered', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const reinvite = stage.peer.within(response, 'INVITE', 2, { body: held });
    await stage.settle();
    reinvite.transaction.cancel();
    await stage.settle();
    expect(statusesOf(reinvite)).toEqual([200]);
    expect(session.remoteHold).toBe(true);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('answers a re-INVITE whose offer is looked at for long: CANCEL and BYE end it with 487', async () => {
    for (const method of ['CANCEL', 'BYE'] as const) {
      const stage = await SessionStage.set();
      const { session, response } = await stage.accepted();
      let settle: (answer: string) => void = () => undefined;
      session.media.createAnswer = () =>
        new Promise((resolve) => {
          settle = resolve;
        });
      const reinvite = stage.peer.within(response, 'INVITE', 2, { body: held });
      await stage.settle(300);
      if (method === 'CANCEL') reinvite.transaction.cancel();
      else stage.peer.within(response, 'BYE', 3);
      await stage.settle();
      settle(description());
      await stage.settle();
      expect(statusesOf(reinvite)).toEqual([100, 487]);
      expect([session.state, session.remoteHold]).toEqual([method === 'CANCEL' ? 'confirmed' : 'ended', false]);
      await stage.alice.agent.stop();
      expect(await stage.leftOvers()).toEqual([]);
    }
  });

  it('hangs up when the answer to its re-INVITE is none, and says why', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const outcome = session.hold();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 18']) });
    await stage.settle();
    expect(session.end).toMatchObject({ kind: 'media', refusal: { status: 488 } });
    expect((await outcome).kind).toBe('ended');
    expect(stage.peer.last('BYE').request.raw('Reason')).toContain('SIP;cause=488');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('takes a further re-INVITE as a sign that its 2xx has arrived, whose ACK was lost (RFC 5407 3.1.4)', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    void incoming.accept();
    await stage.settle();
    const reinvite = stage.peer.within(finalOf(call), 'INVITE', 2, { body: held });
    await stage.settle();
    expect([statusesOf(reinvite), incoming.session.state]).toEqual([[200], 'confirmed']);
    stage.peer.acknowledge(finalOf(reinvite));
    await stage.settle(40_000);
    expect(incoming.session.state).toBe('confirmed');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
