import { describe, expect, it } from 'vitest';
import { endedDialogsKept, replacesOf } from '@switchhook/sip';
import type { DialogClaim, IncomingInvite, InviteSession } from '@switchhook/sip';
import { eventsOf } from './invite-sessions.testing.ts';
import { description, headerOf } from './scripted-peer.testing.ts';
import { claim, nameOf, ringing } from './session-claims.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

function replaces(session: InviteSession, more = ''): ['Replaces', string] {
  return ['Replaces', nameOf(session) + more];
}

const accept = (invite: IncomingInvite): void => void invite.accept();

/** Alice has answered a call of the peer's, and takes whatever comes next. */
async function talking(): Promise<{ stage: SessionStage; session: InviteSession }> {
  const stage = await SessionStage.set();
  const { session } = await stage.accepted();
  stage.alice.answer = accept;
  return { stage, session };
}

async function endAll(stage: SessionStage): Promise<void> {
  stage.alice.answer = () => undefined;
  expect(await stage.leftOvers()).toEqual([]);
}

function never(): never {
  throw new Error('nothing came');
}

describe('an INVITE that takes the place of an answered call (RFC 3891 3)', () => {
  it('is taken, and the old call is hung up when the new one stands', async () => {
    const { stage, session } = await talking();
    const events = eventsOf(session);
    const taken: (InviteSession | undefined)[] = [];
    stage.alice.answer = (invite) => {
      taken.push(invite.replaces);
      void invite.accept();
    };
    const call = await claim(stage, [replaces(session), ['Require', 'replaces']]);
    expect(taken).toEqual([session]);
    expect(statusesOf(call)).toEqual([200]);
    // Not before: the ACK is not there yet.
    expect(session.end).toBeUndefined();
    expect(stage.peer.count('BYE')).toBe(0);
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    const bye = stage.peer.last('BYE');
    expect(bye.request.callId).toBe(session.dialog.callId);
    stage.peer.respond(bye, 200);
    const next = stage.alice.ringing.session;
    expect(events.at(-1)).toEqual({ kind: 'ended', end: { kind: 'replaced', by: next } });
    expect(next.state).toBe('confirmed');
    void next.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await endAll(stage);
  });

  it.each([
    ['is as secure', true, 200],
    ['is less', false, 480],
  ])('of sips: is taken by one that %s (RFC 5630 5.1.1.3)', async (_what, isSecure, status) => {
    const secure = ['Record-Route', '<sips:192.0.2.9;lr>'] as const;
    const stage = await SessionStage.set();
    const { session } = await stage.accepted({ body: description(), headers: [secure] });
    stage.alice.answer = accept;
    const call = await claim(stage, [replaces(session), ...(isSecure ? [secure] : [])]);
    expect(finalOf(call).status).toBe(status);
    expect(session.state).toBe('confirmed');
    await stage.alice.agent.stop();
  });

  it('leaves it as it was when nobody acknowledges it', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [replaces(session)]);
    expect(finalOf(call).status).toBe(200);
    await stage.settle(33_000);
    expect(stage.peer.last('BYE').request.callId).toBe('claiming');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(session.state).toBe('confirmed');
    expect(session.isLeaving).toBe(false);
    void session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await endAll(stage);
  });

  it('leaves it as it was when the answer in the ACK cannot be used', async () => {
    const { stage, session } = await talking();
    const call = stage.peer.invite('sip:alice@192.0.2.1', { headers: [replaces(session)] }, 'late');
    await stage.settle();
    stage.peer.acknowledge(finalOf(call), description(['m=audio 4000 RTP/AVP 99']));
    await stage.settle();
    expect(stage.peer.last('BYE').request.callId).toBe('late');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(session.state).toBe('confirmed');
    expect(session.isLeaving).toBe(false);
    await stage.alice.agent.stop();
  });

  it('waits for the answer in the ACK, where the offer was left to this side', async () => {
    const { stage, session } = await talking();
    const call = stage.peer.invite('sip:alice@192.0.2.1', { headers: [replaces(session)] }, 'late');
    await stage.settle();
    expect(session.state).toBe('confirmed');
    stage.peer.acknowledge(finalOf(call), description());
    await stage.settle();
    expect(session.end).toMatchObject({ kind: 'replaced' });
    await stage.alice.agent.stop();
  });

  it('goes on when the old far end hangs up in the middle of it', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [replaces(session)]);
    const bye = stage.peer.within(finalOf(call), 'BYE', 2);
    await stage.settle();
    expect(statusesOf(bye)).toEqual([200]);
    await stage.alice.agent.stop();
  });

  it.each([
    ['refuses it', (invite: IncomingInvite) => invite.reject(486), 486],
    ['is cancelled', undefined, 487],
  ])('leaves it as it was when this side %s', async (what, answer, status) => {
    const { stage, session } = await talking();
    stage.alice.answer = answer ?? ((invite) => invite.ring());
    const call = await claim(stage, [replaces(session)]);
    if (what === 'is cancelled') call.transaction.cancel();
    await stage.settle();
    expect(finalOf(call).status).toBe(status);
    expect(session.state).toBe('confirmed');
    expect(session.isLeaving).toBe(false);
    await stage.alice.agent.stop();
  });

  it('leaves it as it was when the offer cannot be answered', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [replaces(session)], { body: description(['m=audio 4000 RTP/AVP 99']) });
    expect(finalOf(call).status).toBe(488);
    expect(session.isLeaving).toBe(false);
    await stage.alice.agent.stop();
  });

  it('C2.16-05 comes to nothing when it was to be early only', async () => {
    const { stage, session } = await talking();
    const call = await claim(stage, [replaces(session, ';early-only')]);
    expect(finalOf(call).status).toBe(486);
    expect(session.state).toBe('confirmed');
    await stage.alice.agent.stop();
  });

  it('has one winner of two, and the other is declined', async () => {
    const { stage, session } = await talking();
    stage.alice.answer = () => undefined;
    const one = await claim(stage, [replaces(session)], { callId: 'one' });
    const two = await claim(stage, [replaces(session)], { callId: 'two' });
    const [first, second] = stage.alice.incoming.slice(-2);
    const outcomes = Promise.all([second?.accept(), first?.accept()]);
    await stage.settle();
    expect((await outcomes).map((outcome) => outcome?.kind)).toEqual(['answered', 'gone']);
    expect([one, two].map((each) => finalOf(each).status)).toEqual([603, 200]);
    stage.peer.acknowledge(finalOf(two));
    await stage.settle();
    expect(session.end).toMatchObject({ kind: 'replaced', by: { dialog: { callId: 'two' } } });
    await stage.alice.agent.stop();
  });

  it('is declined as soon as the old call ends while it rings', async () => {
    const { stage, session } = await talking();
    stage.alice.answer = (invite) => invite.ring();
    const call = await claim(stage, [replaces(session)]);
    expect(statusesOf(call)).toEqual([180]);
    void session.hangUp();
    await stage.settle();
    expect(statusesOf(call)).toEqual([180, 603]);
    await stage.alice.agent.stop();
  });

  it('C2.5-15 is declined for a call that has ended, for as long as that is remembered', async () => {
    const { stage, session } = await talking();
    void session.hangUp();
    await stage.settle();
    expect(finalOf(await claim(stage, [replaces(session)], { callId: 'at-once' })).status).toBe(603);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await stage.settle(600_000);
    expect(finalOf(await claim(stage, [replaces(session)], { callId: 'later' })).status).toBe(603);
    for (let index = 0; index < endedDialogsKept; index += 1) {
      stage.peer.invite('sip:alice@192.0.2.1', { body: 'none' }, `call-${index}`);
    }
    await stage.settle(600_000);
    expect(finalOf(await claim(stage, [replaces(session)], { callId: 'last' })).status).toBe(481);
    await stage.alice.agent.stop();
  });
});

describe('an INVITE that picks up a call of this side that rings (RFC 3891 7.1)', () => {
  it.each(['', ';early-only'])('is taken, and the INVITE cancelled at once%s', async (more) => {
    const stage = await SessionStage.set();
    const { invite, session } = await ringing(stage);
    stage.alice.answer = accept;
    const call = await claim(stage, [replaces(session, more)]);
    expect(finalOf(call).status).toBe(200);
    // The person hears of it before the 487, and before the ACK.
    expect(await invite.outcome).toEqual({ kind: 'replaced', session: stage.alice.ringing.session });
    const [cancel] = stage.peer.cancels;
    expect(headerOf(cancel, 'Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(cancel?.has('Require')).toBe(false);
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(session.end).toEqual({ kind: 'replaced', by: stage.alice.ringing.session });
    expect(stage.peer.count('BYE')).toBe(0);
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    expect(stage.alice.ringing.session.state).toBe('confirmed');
    void stage.alice.ringing.session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await endAll(stage);
  });

  it('C2.16-07 wins over an answer that crosses the CANCEL: that is acknowledged and hung up', async () => {
    const stage = await SessionStage.set();
    const { invite, session } = await ringing(stage);
    stage.alice.answer = accept;
    const call = await claim(stage, [replaces(session)]);
    stage.peer.acknowledge(finalOf(call));
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'replaced' });
    expect(stage.peer.acks.map(({ callId }) => callId)).toEqual([session.dialog.callId]);
    expect(stage.peer.last('BYE').request.callId).toBe(session.dialog.callId);
    await stage.alice.agent.stop();
  });

  it('loses to an answer that came before it is taken: 486 where it was early only', async () => {
    const stage = await SessionStage.set();
    const { invite, session } = await ringing(stage);
    const call = await claim(stage, [replaces(session, ';early-only')]);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'answered' });
    void stage.alice.ringing.accept();
    await stage.settle();
    expect(finalOf(call).status).toBe(486);
    expect(session.state).toBe('confirmed');
    await stage.alice.agent.stop();
  });

  it('is declined while the INVITE is being given up', async () => {
    const stage = await SessionStage.set();
    const { invite, session } = await ringing(stage);
    invite.cancel();
    await stage.settle();
    expect(finalOf(await claim(stage, [replaces(session)])).status).toBe(603);
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(finalOf(await claim(stage, [replaces(session)], { callId: 'later' })).status).toBe(603);
    await endAll(stage);
  });

  it('C2.16-10 finds nothing in a call to this side that rings', async () => {
    const stage = await SessionStage.set();
    const { incoming } = await stage.rung();
    const call = await claim(stage, [replaces(incoming.session)]);
    expect(finalOf(call).status).toBe(481);
    expect(incoming.state).toBe('pending');
    await stage.alice.agent.stop();
  });
});

describe('Replaces that cannot be meant', () => {
  it.each([
    ['twice', [['Replaces', 'a;to-tag=b;from-tag=c'] as const, ['Replaces', 'd;to-tag=e;from-tag=f'] as const]],
    ['beside Join', [['Replaces', 'a;to-tag=b;from-tag=c'] as const, ['Join', 'a;to-tag=b;from-tag=c'] as const]],
    ['without a from-tag', [['Replaces', 'a;to-tag=b'] as const]],
    ['with two to-tags', [['Replaces', 'a;to-tag=b;to-tag=c;from-tag=d'] as const]],
    ['that is no such thing', [['Replaces', 'a@;to-tag'] as const]],
    ['of two dialogs in one', [['Replaces', 'a;to-tag=b;from-tag=c, d;to-tag=e;from-tag=f'] as const]],
  ])('%s gets 400', async (_, headers) => {
    const stage = await SessionStage.set();
    expect(finalOf(await claim(stage, headers)).status).toBe(400);
    expect(stage.alice.incoming).toEqual([]);
    await endAll(stage);
  });

  it.each(['INFO', 'BYE', 'UPDATE', 'INVITE'])(
    'within a dialog, in %s, gets 400 and changes nothing',
    async (method) => {
      const { stage, session } = await talking();
      const other = await claim(stage, []);
      stage.peer.acknowledge(finalOf(other));
      await stage.settle();
      const request = stage.peer.within(finalOf(other), method, 2, { headers: [replaces(session)] });
      await stage.settle();
      expect(finalOf(request).status).toBe(400);
      expect(session.isLeaving).toBe(false);
      expect(stage.alice.ringing.session.state).toBe('confirmed');
      await stage.alice.agent.stop();
    },
  );

  it('of a dialog that is not there gets 481', async () => {
    const { stage, session } = await talking();
    for (const tags of [{ local: 'other' }, { remote: 'other' }, { local: 'peer', remote: session.dialog.localTag }]) {
      const call = await claim(stage, [['Replaces', nameOf(session, tags)]], {
        callId: JSON.stringify(tags).length.toString(),
      });
      expect(finalOf(call).status).toBe(481);
    }
    expect(session.state).toBe('confirmed');
    await stage.alice.agent.stop();
  });

  it('of a dialog that is no call gets 481', async () => {
    const stage = await SessionStage.set();
    const { session } = await stage.accepted();
    const { dialog } = session;
    dialog.addUsage({ kind: 'subscription', request: () => false, dialogEnded: () => undefined });
    for (const usage of [...dialog.usages]) if (usage.kind === 'invite') dialog.removeUsage(usage);
    expect(finalOf(await claim(stage, [replaces(session)])).status).toBe(481);
    await stage.alice.agent.stop();
  });

  it('CX-16 with a tag of zero means none, too, and two such dialogs are none', async () => {
    const stage = await SessionStage.set();
    stage.alice.answer = accept;
    const invite = await stage.call();
    const own = stage.peer.last('INVITE');
    const answer = (toTag: string): void => {
      const text = own.request.createResponse(200, { toTag, headers: contact, body: description() }).text;
      own.flow.send(text.replace(';tag=none', ''));
    };
    answer('none');
    await stage.settle();
    const [session] = invite.sessions;
    expect(session?.dialog.remoteTag).toBe('');
    const zero = `${own.request.callId};to-tag=${own.request.fromTag ?? ''};from-tag=0`;
    expect(finalOf(await claim(stage, [['Replaces', zero]])).status).toBe(200);
    answer('0');
    await stage.settle();
    expect(invite.sessions).toHaveLength(2);
    expect(finalOf(await claim(stage, [['Replaces', zero]], { callId: 'again' })).status).toBe(481);
    await stage.alice.agent.stop();
  });
});

const contact = [
  ['Contact', '<sip:peer@192.0.2.9>'],
  ['Content-Type', 'application/sdp'],
] as const;

describe('who may', () => {
  it('C3-05 is asked with all that is known, and by a no nobody learns whether there is such a call', async () => {
    const { stage, session } = await talking();
    const asked: DialogClaim[] = [];
    stage.alice.mayReplace = (each) => {
      asked.push(each);
      return false;
    };
    const referred = ['Referred-By', '<sip:carol@example.com>'] as const;
    const answers = [];
    for (const [index, name] of [
      nameOf(session),
      nameOf(session, { local: 'other' }),
      `${nameOf(session)};early-only`,
    ].entries()) {
      answers.push(finalOf(await claim(stage, [['Replaces', name], referred], { callId: `call-${index}` })));
    }
    expect(answers.map(({ status, reason }) => `${status} ${reason}`)).toEqual(Array(3).fill('403 Forbidden'));
    const lengths = answers.map(({ text }) => text.replaceAll(/tag=\w+|call-\d/g, ''));
    expect(new Set(lengths.map((text) => text.replaceAll(/peer\d+/g, ''))).size).toBe(1);
    expect(asked.map((each) => each.session)).toEqual([session, undefined, session]);
    expect(asked[0]).toMatchObject({ kind: 'replaces' });
    expect(String(asked[0]?.referredBy?.uri)).toBe('sip:carol@example.com');
    expect(String(asked[0]?.caller.address.uri)).toBe('sip:peer@192.0.2.9');
    expect(session.state).toBe('confirmed');
    await stage.alice.agent.stop();
  });

  it('may take a while to be known: it can be cancelled meanwhile, and what has ended then is not replaced', async () => {
    const { stage, session } = await talking();
    const decisions = [
      Promise.withResolvers<boolean>(),
      Promise.withResolvers<boolean>(),
      Promise.withResolvers<boolean>(),
    ];
    let index = 0;
    stage.alice.mayReplace = () => (decisions[index++] ?? never()).promise;
    const given = await claim(stage, [replaces(session)], { callId: 'one' });
    await stage.settle(250);
    given.transaction.cancel();
    await stage.settle();
    expect(finalOf(given).status).toBe(487);
    const failed = await claim(stage, [replaces(session)], { callId: 'two' });
    decisions[1]?.reject(new Error('nobody knows'));
    await stage.settle();
    expect(finalOf(failed).status).toBe(500);
    const late = await claim(stage, [replaces(session)], { callId: 'three' });
    void session.hangUp();
    await stage.settle();
    decisions[2]?.resolve(true);
    decisions[0]?.resolve(true);
    await stage.settle();
    expect(finalOf(late).status).toBe(603);
    expect(stage.alice.incoming).toHaveLength(1);
    await stage.alice.agent.stop();
  });
});

describe('what is told of it', () => {
  it('CX-16 is the option tags, in Supported', async () => {
    const stage = await SessionStage.set();
    await stage.call();
    const supported = stage.peer.last('INVITE').request.rawAll('Supported');
    expect(supported).toContain('replaces');
    expect(supported).toContain('join');
    await stage.alice.agent.stop();
  });

  it('is made of a session, for its far end', async () => {
    const { stage, session } = await talking();
    const { localTag } = session.dialog;
    expect(replacesOf(session)).toEqual(['Replaces', `from-peer;to-tag=peer;from-tag=${localTag}`]);
    expect(replacesOf(session, { earlyOnly: true })[1]).toBe(`from-peer;to-tag=peer;from-tag=${localTag};early-only`);
    await stage.alice.agent.stop();
  });
});
