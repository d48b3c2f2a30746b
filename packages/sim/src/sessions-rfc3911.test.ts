import { describe, expect, it } from 'vitest';
import { joinOf } from '@switchhook/sip';
import type { InviteSession } from '@switchhook/sip';
import { description } from './scripted-peer.testing.ts';
import { claim, nameOf, ringing } from './session-claims.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

function join(session: InviteSession): ['Join', string] {
  return ['Join', nameOf(session)];
}

async function talking(): Promise<{ stage: SessionStage; session: InviteSession }> {
  const stage = await SessionStage.set();
  const { session } = await stage.accepted();
  return { stage, session };
}

describe('an INVITE that joins a call (RFC 3911 4)', () => {
  it('C2.11-06 is shown with the session that it joins, and leaves that alone', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [join(session), ['Require', 'join']]);
    expect(stage.alice.ringing.joins).toBe(session);
    expect(stage.alice.ringing.replaces).toBeUndefined();
    void stage.alice.ringing.accept();
    await stage.settle();
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    expect([session, stage.alice.ringing.session].map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
    await stage.alice.agent.stop();
  });

  it('can join what rings, on either side', async () => {
    const stage = await SessionStage.set();
    const { session } = await ringing(stage);
    await claim(stage, [join(session)]);
    expect(stage.alice.ringing.joins).toBe(session);
    await stage.called({ body: description() }, 'other');
    const incoming = stage.alice.ringing;
    incoming.ring();
    await claim(stage, [join(incoming.session)], { callId: 'second' });
    expect(stage.alice.ringing.joins).toBe(incoming.session);
    await stage.alice.agent.stop();
  });

  it('is declined when the call ends before it is let in', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [join(session)]);
    stage.alice.ringing.ring();
    void session.hangUp();
    await stage.settle();
    expect(statusesOf(call)).toEqual([180, 603]);
    expect(finalOf(await claim(stage, [join(session)], { callId: 'later' })).status).toBe(603);
    await stage.alice.agent.stop();
  });

  it('is declined when the far end of the call is another one meanwhile', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [join(session)]);
    const { ringing: joiner } = stage.alice;
    const replacing = await claim(stage, [['Replaces', nameOf(session)]], { callId: 'replacing' });
    void stage.alice.ringing.accept();
    await stage.settle();
    void joiner.accept();
    await stage.settle();
    expect(finalOf(replacing).status).toBe(200);
    expect(finalOf(call).status).toBe(603);
    await stage.alice.agent.stop();
  });

  it.each([
    ['names no dialog', (session: InviteSession) => [['Join', nameOf(session, { local: 'other' })] as const], 481],
    ['names two', (session: InviteSession) => [join(session), join(session)], 400],
    [
      'has Replaces beside it',
      (session: InviteSession) => [join(session), ['Replaces', nameOf(session)] as const],
      400,
    ],
    ['has no tags', () => [['Join', 'a@b'] as const], 400],
  ])('C2.11-07 that %s is refused, and the call is as it was', async (_, headers, status) => {
    const { stage, session } = await talking();
    const before = stage.alice.incoming.length;
    expect(finalOf(await claim(stage, headers(session))).status).toBe(status);
    expect(stage.alice.incoming).toHaveLength(before);
    expect(session.isLeaving).toBe(false);
    await stage.alice.agent.stop();
  });

  it('C2.11-07 that names no dialog counts for nothing at the address of a conference, and one that names a dialog for that', async () => {
    const { stage, session } = await talking();
    const { call } = await stage.called({ body: description() }, 'other');
    void stage.alice.ringing.accept();
    await stage.settle();
    stage.peer.acknowledge(finalOf(call));
    const member = stage.alice.ringing.session;
    stage.alice.conferenceAt = () => ({ session: member });
    await claim(stage, [['Join', nameOf(session, { local: 'other' })]], { callId: 'misfit' });
    expect(stage.alice.ringing.joins).toBe(member);
    await claim(stage, [], { callId: 'plain' });
    expect(stage.alice.ringing.joins).toBe(member);
    await claim(stage, [join(session)], { callId: 'fits' });
    expect(stage.alice.ringing.joins).toBe(session);
    // What has ended is declined there, too, and so is everything by who may not.
    void session.hangUp();
    await stage.settle();
    expect(finalOf(await claim(stage, [join(session)], { callId: 'ended' })).status).toBe(603);
    stage.alice.conferenceAt = () => ({ session: undefined });
    expect(finalOf(await claim(stage, [], { callId: 'over' })).status).toBe(404);
    stage.alice.mayJoin = () => false;
    expect(finalOf(await claim(stage, [], { callId: 'stranger' })).status).toBe(403);
    await stage.alice.agent.stop();
  });

  it('C2.11-08 C3-06 of who may not is refused, whether there is such a call or not', async () => {
    const { stage, session } = await talking();
    stage.alice.mayJoin = () => false;
    const names = [nameOf(session), nameOf(session, { remote: 'other' })];
    const statuses = [];
    for (const [index, name] of names.entries()) {
      statuses.push(finalOf(await claim(stage, [['Join', name]], { callId: `call-${index}` })).status);
    }
    expect(statuses).toEqual([403, 403]);
    await stage.alice.agent.stop();
  });

  it('is made of a session, for its far end', async () => {
    const { stage, session } = await talking();
    expect(joinOf(session)).toEqual(['Join', `from-peer;to-tag=peer;from-tag=${session.dialog.localTag}`]);
    await stage.alice.agent.stop();
  });
});
