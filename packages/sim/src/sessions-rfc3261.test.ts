import { describe, expect, it } from 'vitest';
import { eventsOf, nothingHeld, TestPhone } from './invite-sessions.testing.ts';
import { description, directionIn, headerOf, versionIn } from './scripted-peer.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

describe('RFC 3261 11.2: who is asked what he can do', () => {
  it.each([
    ['who reads it', [], true],
    ['who says so', [['Accept', 'text/plain, application/*']] as const, true],
    ['nobody who reads something else', [['Accept', 'text/plain, application/sdp;q=0']] as const, false],
  ])('11.2 tells %s which media there could be, and opens none (RFC 3264 9)', async (_who, headers, isTold) => {
    const stage = await SessionStage.set();
    const bob = new TestPhone(stage.network, stage.clock, 'bob', '192.0.2.2');
    await bob.agent.start();
    const asked = bob.agent.ask({ method: 'OPTIONS', target: 'sip:alice@192.0.2.1', headers });
    await stage.settle();
    const answer = await asked;
    if ('code' in answer) throw new Error(answer.code);
    expect(answer.raw('Content-Type')).toBe(isTold ? 'application/sdp' : undefined);
    const lines = answer.body.split('\r\n').filter((line) => /^(?:m=|t=|a=)/.test(line));
    expect(lines).toEqual(
      isTold
        ? [
            't=0 0',
            'm=audio 0 RTP/AVP 0 101',
            'a=rtpmap:0 PCMU/8000',
            'a=rtpmap:101 telephone-event/8000',
            'a=fmtp:101 0-15',
          ]
        : [],
    );
    expect(stage.alice.held()).toEqual(nothingHeld);
    await bob.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 3261 13.2: the caller', () => {
  it('13.2.1 sends an offer, and says what it can do', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const { request } = stage.peer.last('INVITE');
    expect(directionIn(request)).toBe('sendrecv');
    expect(headerOf(request, 'Allow')).toBe('OPTIONS, INVITE, BYE, PRACK, UPDATE, INFO, ACK, CANCEL');
    expect(headerOf(request, 'Supported')).toContain('100rel, 199, timer');
    expect(headerOf(request, 'Contact')).toContain('192.0.2.1');
    invite.cancel();
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.2.1 can leave the offer to the far end, and answers it in the ACK', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call(true);
    expect(stage.peer.last('INVITE').request.body).toBe('');
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=sendonly']) });
    await stage.settle();
    expect(directionIn(stage.peer.acks[0])).toBe('recvonly');
    const outcome = await invite.outcome;
    expect(outcome).toMatchObject({ kind: 'answered', session: { direction: 'recvonly', remoteHold: true } });
    if (outcome.kind === 'answered') void outcome.session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.2.2.4 answers an offer in a 2xx that it cannot take, and hangs up', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call(true);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 18']) });
    await stage.settle();
    expect(stage.peer.acks[0]?.body).toContain('m=audio 0 RTP/AVP 18');
    expect(await invite.outcome).toMatchObject({ kind: 'media', refusal: { status: 488, warning: 305 } });
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['with formats that were not offered', description(['m=audio 4000 RTP/AVP 18'])],
    ['with fewer lines', description(['a=nothing'])],
    ['that is no session description', 'nonsense'],
    ['that is missing', undefined],
  ])('13.2.2.4 acknowledges a 2xx with an answer %s, and hangs up', async (_, body) => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body });
    await stage.settle();
    expect(stage.peer.acks).toHaveLength(1);
    expect(stage.peer.count('BYE')).toBe(1);
    expect(await invite.outcome).toMatchObject({ kind: 'media' });
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('CX-05 13.2.2.4 sends its ACK again for each 2xx that comes again', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const invite = stage.peer.last('INVITE');
    for (let count = 0; count < 3; count += 1) {
      if (invite.lastResponse !== undefined) invite.respond(invite.lastResponse);
      await stage.settle(1_000);
    }
    expect(stage.peer.acks).toHaveLength(4);
    expect(new Set(stage.peer.acks.map((ack) => headerOf(ack, 'CSeq'))).size).toBe(1);
    expect(session.state).toBe('confirmed');
    void session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('C2.12-02 CX-05 13.2.2.4 acknowledges every branch that answers, and hangs up all but the first', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    for (const tag of ['one', 'two', 'three']) stage.peer.respond(transaction, 180, {}, tag);
    await stage.settle();
    expect(invite.sessions).toHaveLength(3);
    stage.peer.respondApart(transaction, 200, 'two', description());
    stage.peer.respondApart(transaction, 200, 'three', description(['m=audio 5000 RTP/AVP 0']));
    await stage.settle();
    expect(stage.peer.acks.map(({ toTag }) => toTag).sort()).toEqual(['three', 'two']);
    expect(
      stage.peer.requests.filter(({ request }) => request.method === 'BYE').map(({ request }) => request.toTag),
    ).toEqual(['three']);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    // The loser's 2xx comes once more, and its ACK goes once more.
    stage.peer.respondApart(transaction, 200, 'three', description(['m=audio 5000 RTP/AVP 0']));
    await stage.settle();
    expect(stage.peer.acks).toHaveLength(3);
    const outcome = await invite.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    expect(outcome.session.dialog.remoteTag).toBe('two');
    expect([...stage.alice.engine.standing.values()][0]?.remote.port).toBe(4_000);
    transaction.stop();
    await stage.settle(64_000);
    expect(stage.alice.held()).toEqual({ sessions: 1, outgoing: 0, incoming: 0, dialogs: 1, streams: 1 });
    void outcome.session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.2.2.4 hears each branch that sends early media in turn, and in the end the one that answers', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    const portOf = (): unknown => [...stage.alice.engine.standing.values()][0]?.remote.port;
    const answers = { one: description(), two: description(['m=audio 5000 RTP/AVP 0']) };
    stage.peer.respond(transaction, 183, { body: answers.one }, 'one');
    await stage.settle();
    expect(portOf()).toBe(4_000);
    stage.peer.respond(transaction, 183, { body: answers.two }, 'two');
    await stage.settle();
    expect(portOf()).toBe(5_000);
    stage.peer.respond(transaction, 200, { body: answers.one }, 'one');
    await stage.settle();
    expect(portOf()).toBe(4_000);
    expect((await invite.outcome).kind).toBe('answered');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [404, 'not-found'],
    [480, 'unavailable'],
    [488, 'not-acceptable'],
    [500, 'failed'],
  ])('13.2.2.3 tells a %i as %s', async (status, cause) => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle();
    const [session] = invite.sessions;
    if (session === undefined) throw new Error('no early session');
    const events = eventsOf(session);
    stage.peer.respond(stage.peer.last('INVITE'), status);
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'refused', cause, response: { status } });
    expect(events).toMatchObject([{ kind: 'ended', end: { kind: 'abandoned' } }]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.2.2.2 tells a redirection with its contacts', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 302, { headers: [['Contact', '<sip:carol@192.0.2.7>;q=0.5']] });
    await stage.settle();
    const outcome = await invite.outcome;
    expect(outcome.kind === 'redirected' && outcome.contacts.map(({ uri }) => uri.toString())).toEqual([
      'sip:carol@192.0.2.7',
    ]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('12.1.2 passes over a Contact that SIP cannot reach, and answers where it has called', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    transaction.respond(
      transaction.request.createResponse(200, {
        toTag: 'peer',
        headers: [
          ['Contact', '<tel:+15551234>'],
          ['Content-Type', 'application/sdp'],
        ],
        body: description(),
      }),
    );
    await stage.settle();
    expect(stage.peer.acks.map(({ requestUriText }) => requestUriText)).toEqual(['sip:peer@192.0.2.9']);
    expect((await invite.outcome).kind).toBe('answered');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('8.1.3.3 passes over a response that has more Vias than its own', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    const astray = transaction.request.createResponse(486, { toTag: 'peer' }).text;
    transaction.flow.send(astray.replace('From:', 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother\r\nFrom:'));
    await stage.settle();
    expect(invite.state).toBe('calling');
    stage.peer.respond(transaction, 200, { body: description() });
    await stage.settle();
    expect((await invite.outcome).kind).toBe('answered');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.2.1 gives up when it has rung for long enough', async () => {
    const stage = await SessionStage.set({ ringTime: 20_000 });
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle(20_000);
    expect(stage.peer.cancels).toHaveLength(1);
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'no-answer' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('8.1.3.1 tells that there was no answer at all', async () => {
    const stage = await SessionStage.set();
    const invite = stage.alice.sessions.invite({ target: 'sip:nobody@192.0.2.200' });
    await stage.settle(40_000);
    expect(await invite.outcome).toMatchObject({ kind: 'unreachable', failure: { status: 408 } });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('refuses a target that is no URI, and a signal that is aborted gives up', async () => {
    const stage = await SessionStage.set();
    expect(() => stage.alice.sessions.invite({ target: 'not a uri' })).toThrow('target');
    const controller = new AbortController();
    const invite = stage.alice.sessions.invite({
      target: `sip:peer@${stage.peer.address}`,
      signal: controller.signal,
    });
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle();
    controller.abort();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 3261 9: CANCEL', () => {
  it('CX-07 9.1 is held back until there is a provisional response', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    invite.cancel({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' });
    await stage.settle(100);
    // The transaction says 100 by itself after 200 ms.
    expect(stage.peer.cancels).toHaveLength(0);
    await stage.settle(200);
    expect(headerOf(stage.peer.cancels[0], 'Reason')).toContain('completed elsewhere');
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.1 before anything was sent sends nothing', async () => {
    const stage = await SessionStage.set();
    const invite = stage.alice.sessions.invite({ target: `sip:peer@${stage.peer.address}` });
    invite.cancel();
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(stage.peer.requests).toEqual([]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.1 that a 2xx has crossed is followed by ACK and BYE', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle();
    invite.cancel();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect([stage.peer.acks.length, stage.peer.count('BYE')]).toEqual([1, 1]);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.1 to which nothing comes, not even a 487, ends after 64*T1', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle();
    invite.cancel();
    await stage.settle(40_000);
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.2 of the far end is answered, and the INVITE with 487', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    incoming.ring();
    await stage.settle();
    const ends: unknown[] = [];
    incoming.listen((event) => {
      if (event.kind === 'ended') ends.push(event.end);
    });
    call.transaction.cancel([['Reason', 'SIP;cause=200;text="Call completed elsewhere"']]);
    await stage.settle();
    expect(statusesOf(call)).toEqual([180, 487]);
    expect(ends).toMatchObject([{ kind: 'cancelled', reasons: [{ cause: 200 }] }]);
    expect(await incoming.accept()).toEqual({ kind: 'gone' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.2 that comes after the 2xx changes nothing', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    incoming.ring();
    await stage.settle();
    const accepted = incoming.accept();
    call.transaction.cancel();
    await stage.settle();
    expect((await accepted).kind).toBe('answered');
    expect(statusesOf(call)[1]).toBe(200);
    stage.peer.acknowledge(finalOf(call));
    const bye = stage.peer.within(finalOf(call), 'BYE', 2);
    await stage.settle();
    expect(statusesOf(bye)).toEqual([200]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.2 is obeyed even before the offer was looked at', async () => {
    const stage = await SessionStage.set();
    const call = stage.peer.invite('sip:alice@192.0.2.1', { body: description() });
    await stage.settle(250);
    expect(statusesOf(call)).toEqual([100]);
    call.transaction.cancel();
    await stage.settle();
    expect(statusesOf(call)).toEqual([100, 487]);
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 3261 13.3: the callee', () => {
  it('13.3.1.1 says every minute that it still rings', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    incoming.ring();
    await stage.settle(130_000);
    expect(statusesOf(call)).toEqual([180, 180, 180]);
    incoming.reject(486);
    await stage.settle();
    expect(statusesOf(call).at(-1)).toBe(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.3.1 answers 487 when the Expires of an INVITE is over', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ body: description(), headers: [['Expires', '10']] });
    const ends: unknown[] = [];
    incoming.listen((event) => {
      if (event.kind === 'ended') ends.push(event.end);
    });
    incoming.ring();
    await stage.settle(10_000);
    expect(statusesOf(call)).toEqual([180, 487]);
    expect(ends).toEqual([{ kind: 'expired' }]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.3.1 lets the Expires of an INVITE be over after a day at most, and obeys none that is longer', async () => {
    for (const [expires, isOver] of [
      ['86400', true],
      ['86401', false],
    ] as const) {
      const stage = await SessionStage.set();
      const { incoming, call } = await stage.called({ body: description(), headers: [['Expires', expires]] });
      await stage.settle(86_401_000);
      expect(statusesOf(call)).toEqual(isOver ? [100, 487] : [100]);
      if (!isOver) incoming.reject(486);
      await stage.settle();
      expect(await stage.leftOvers()).toEqual([]);
    }
  });

  it('12.1.1 refuses an INVITE whose Contact SIP cannot reach', async () => {
    const stage = await SessionStage.set();
    const headers = [['Contact', '<tel:+15551234>']] as const;
    const call = stage.peer.invite('sip:alice@192.0.2.1', { body: description(), headers });
    await stage.settle();
    expect(statusesOf(call)).toEqual([400]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.3.1.2 redirects', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    incoming.redirect([stage.alice.agent.address]);
    await stage.settle();
    expect(finalOf(call).status).toBe(302);
    expect(headerOf(finalOf(call), 'Contact')).toBe('<sip:alice@example.com>');
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    [description(['m=audio 4000 RTP/AVP 18']), 488],
    [description(['m=video 4000 RTP/AVP 31']), 488],
    ['nonsense', 400],
  ])('13.3.1.3 refuses %j before anybody hears of it', async (body, status) => {
    const stage = await SessionStage.set();
    const call = stage.peer.invite('sip:alice@192.0.2.1', { body });
    await stage.settle();
    expect(statusesOf(call)).toEqual([status]);
    expect(headerOf(finalOf(call), 'Warning')).toMatch(/^3\d\d example\.com "/);
    expect(stage.alice.incoming).toEqual([]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.3.1.4 repeats its 2xx until the ACK comes, and no longer', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    void incoming.accept();
    await stage.settle(10_000);
    // At 0.5, 1.5, 3.5 and 7.5 seconds.
    expect(statusesOf(call)).toEqual([200, 200, 200, 200, 200]);
    expect(incoming.session.state).toBe('accepted');
    stage.peer.acknowledge(finalOf(call));
    await stage.settle(20_000);
    expect(statusesOf(call)).toHaveLength(5);
    expect(incoming.session.state).toBe('confirmed');
    const bye = stage.peer.within(finalOf(call), 'BYE', 2);
    await stage.settle();
    expect(statusesOf(bye)).toEqual([200]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.3.1.4 hangs up when no ACK comes in 64*T1', async () => {
    const stage = await SessionStage.set();
    const { incoming } = await stage.called();
    void incoming.accept();
    await stage.settle();
    const events = eventsOf(incoming.session);
    await stage.settle(32_000);
    expect(events).toEqual([{ kind: 'ended', end: { kind: 'unacknowledged' } }]);
    expect(stage.peer.count('BYE')).toBe(1);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('13.3.1.4 makes the offer where there is none, and takes the answer in the ACK', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted({});
    expect(directionIn(response)).toBe('sendrecv');
    expect([session.state, session.direction]).toEqual(['confirmed', 'sendrecv']);
    void session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['none', undefined],
    ['one that cannot be', description(['m=audio 4000 RTP/AVP 18'])],
  ])('13.2.1 hangs up when the answer in the ACK is %s', async (_, body) => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({});
    void incoming.accept();
    await stage.settle();
    stage.peer.acknowledge(finalOf(call), body);
    await stage.settle();
    expect(incoming.session.end?.kind).toBe('media');
    expect(headerOf(stage.peer.last('BYE').request, 'Reason')).toContain('cause=488');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('answers 503 when it has no port', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({});
    stage.alice.engine.exhausted = true;
    expect(await Promise.race([incoming.accept(), stage.settle()])).toMatchObject({ kind: 'refused' });
    await stage.settle();
    expect(finalOf(call).status).toBe(503);
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 3261 14: re-INVITE', () => {
  it('14.1 holds and resumes, and says so in direction, version and Contact (RFC 4235 5.2)', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const first = stage.peer.last('INVITE').request;
    const held = session.hold();
    await stage.settle();
    const hold = stage.peer.last('INVITE');
    expect(directionIn(hold.request)).toBe('sendonly');
    expect(versionIn(hold.request)).toBe(versionIn(first) + 1);
    expect(headerOf(hold.request, 'Contact')).toContain('+sip.rendering="no"');
    expect(hold.request.cseqNumber).toBe(first.cseqNumber + 1);
    stage.peer.respond(hold, 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=recvonly']) });
    expect(await Promise.race([held, stage.settle()])).toEqual({ kind: 'done' });
    expect([session.localHold, session.direction]).toEqual(['sendonly', 'sendonly']);
    expect(await session.hold()).toEqual({ kind: 'done' });
    const resumed = session.resume();
    await stage.settle();
    const resume = stage.peer.last('INVITE');
    expect([directionIn(resume.request), versionIn(resume.request)]).toEqual(['sendrecv', versionIn(first) + 2]);
    expect(headerOf(resume.request, 'Contact')).not.toContain('rendering');
    stage.peer.respond(resume, 200, { body: description() });
    await stage.settle();
    expect(await resumed).toEqual({ kind: 'done' });
    expect(stage.peer.acks).toHaveLength(3);
    void session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.1 sends none while one is in progress, and of what is wished meanwhile only the last', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const outcomes = [session.hold(), session.resume(), session.hold('inactive')];
    await stage.settle();
    expect(stage.peer.count('INVITE')).toBe(2);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=recvonly']) });
    await stage.settle();
    expect(stage.peer.count('INVITE')).toBe(3);
    expect(directionIn(stage.peer.last('INVITE').request)).toBe('inactive');
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive']) });
    await stage.settle();
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['done', 'superseded', 'done']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.1 sends none while one of the far end waits for its ACK', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const reinvite = stage.peer.within(response, 'INVITE', 2, {
      body: description(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], 2),
    });
    await stage.settle();
    expect([finalOf(reinvite).status, directionIn(finalOf(reinvite))]).toEqual([200, 'recvonly']);
    const held = session.hold();
    await stage.settle();
    expect(stage.peer.count('INVITE')).toBe(0);
    stage.peer.acknowledge(finalOf(reinvite));
    await stage.settle();
    // What comes anyway is nothing: both hold now (RFC 3264 8.4).
    expect(directionIn(stage.peer.last('INVITE').request)).toBe('inactive');
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive']) });
    await stage.settle();
    expect((await held).kind).toBe('done');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['caller', 2_100, 4_000],
    ['callee', 0, 2_000],
  ] as const)('14.1 waits after a 491 as the %s has to, and tries again', async (role, least, most) => {
    const stage = await SessionStage.set();
    const session = role === 'caller' ? await stage.answered() : (await stage.accepted()).session;
    const before = stage.peer.count('INVITE');
    const held = session.hold();
    await stage.settle(10);
    stage.peer.respond(stage.peer.last('INVITE'), 491);
    await stage.settle(10);
    expect(session.localHold).toBe('none');
    if (least > 0) {
      await stage.settle(least - 20);
      expect(stage.peer.count('INVITE')).toBe(before + 1);
    }
    await stage.settle(most - least + 30);
    expect(stage.peer.count('INVITE')).toBe(before + 2);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=recvonly']) });
    await stage.settle();
    expect(await held).toEqual({ kind: 'done' });
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([488, 403, 500, 405])('CX-11 14.1 leaves the session as it was after a %i', async (status) => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const target = session.dialog.remoteTarget.toString();
    const held = session.hold();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), status);
    await stage.settle();
    expect(await held).toMatchObject({ kind: 'refused', response: { status } });
    expect([session.state, session.localHold, session.direction]).toEqual(['confirmed', 'none', 'sendrecv']);
    expect(session.dialog.remoteTarget.toString()).toBe(target);
    expect(session.dialog.contactParameters.has('+sip.rendering')).toBe(false);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([408, 481])('CX-11 14.1 hangs up after a %i', async (status) => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const held = session.hold();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), status);
    await stage.settle();
    expect(session.end).toMatchObject({ kind: 'lost', response: { status } });
    expect((await held).kind).toBe('ended');
    expect(stage.peer.count('BYE')).toBe(1);
    stage.peer.respond(stage.peer.last('BYE'), 481);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.1 hangs up when nothing comes', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    await stage.peer.transactions.stop();
    const held = session.hold();
    await stage.settle(70_000);
    expect(session.end).toMatchObject({ kind: 'lost', failure: { status: 408 } });
    expect((await held).kind).toBe('ended');
    expect(session.state).toBe('ended');
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('gives a re-INVITE up that gets no more than a 100, and goes on as before', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const held = session.hold();
    await stage.settle(32_100);
    expect(stage.peer.cancels).toHaveLength(1);
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await held).toMatchObject({ kind: 'failed', failure: { code: 'timeout' } });
    expect([session.state, session.localHold]).toEqual(['confirmed', 'none']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('acknowledges a 2xx to a re-INVITE that crosses the BYE', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    void session.hold();
    await stage.settle();
    void session.hangUp();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect(stage.peer.acks).toHaveLength(2);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 answers 491 while an own re-INVITE is out', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const invite = stage.peer.last('INVITE').request;
    void session.hold();
    await stage.settle();
    const crossing = stage.peer.within(invite, 'INVITE', 1, { body: description([], 2) });
    await stage.settle();
    expect(statusesOf(crossing)).toEqual([491]);
    expect(session.remoteHold).toBe(false);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('9.1 cancels a re-INVITE that is still not answered when the session ends: else it would wait for ever', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    void session.hold();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 100);
    await stage.settle();
    void session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await stage.settle();
    expect(stage.peer.cancels).toHaveLength(1);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 answers 500 with Retry-After while the INVITE is not answered', async () => {
    const stage = await SessionStage.set();
    const { incoming, ringing } = await stage.rung();
    const second = stage.peer.within(ringing, 'INVITE', 2, { body: description([], 2) });
    await stage.settle();
    expect(statusesOf(second)).toEqual([500]);
    const wait = Number(headerOf(finalOf(second), 'Retry-After'));
    expect(wait >= 0 && wait <= 10).toBe(true);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 answers 500 also where offer and answer are agreed on, as long as the INVITE is not answered', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ body: description(), headers: [['Supported', '100rel']] });
    incoming.progress({ media: true });
    await stage.settle();
    const [progress] = call.responses;
    if (progress === undefined) throw new Error('no 183');
    stage.peer.within(progress, 'PRACK', 2, { headers: [['RAck', `${headerOf(progress, 'RSeq')} 1 INVITE`]] });
    await stage.settle();
    const second = stage.peer.within(progress, 'INVITE', 3, { body: description([], 2) });
    await stage.settle();
    expect(statusesOf(second)).toEqual([500]);
    expect(headerOf(finalOf(second), 'Retry-After')).toMatch(/^\d+$/);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 answers 491 to an INVITE of whom it calls, and who has not answered', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    const reliable = [
      ['Require', '100rel'],
      ['RSeq', '1'],
    ] as const;
    stage.peer.respond(transaction, 183, { headers: reliable, body: description() });
    await stage.settle();
    const second = stage.peer.within(transaction.request, 'INVITE', 1, { body: description([], 2) });
    await stage.settle();
    expect(statusesOf(second)).toEqual([491]);
    stage.peer.respond(transaction, 200);
    await stage.settle();
    expect((await invite.outcome).kind).toBe('answered');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 refuses an offer that cannot be, and leaves the session as it was', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    for (const [number, body] of [description(['m=audio 4000 RTP/AVP 18'], 2), 'nonsense'].entries()) {
      const reinvite = stage.peer.within(response, 'INVITE', 2 + number, {
        body,
        headers: [['Contact', '<sip:else@192.0.2.9>']],
      });
      await stage.settle();
      expect(finalOf(reinvite).status).toBe(number === 0 ? 488 : 400);
    }
    expect([session.state, session.direction]).toEqual(['confirmed', 'sendrecv']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 makes an offer where the re-INVITE has none', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const reinvite = stage.peer.within(response, 'INVITE', 2);
    await stage.settle();
    expect(directionIn(finalOf(reinvite))).toBe('sendrecv');
    stage.peer.acknowledge(finalOf(reinvite), description(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], 2));
    await stage.settle();
    expect([session.direction, session.remoteHold]).toEqual(['recvonly', true]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('14.2 hangs up when its 2xx to a re-INVITE is never acknowledged', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    stage.peer.within(response, 'INVITE', 2, { body: description([], 2) });
    await stage.settle(33_000);
    expect(session.end?.kind).toBe('unacknowledged');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('understands a re-INVITE of the old hold, c=0.0.0.0, and never says so itself (RFC 3264 8.4)', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const reinvite = stage.peer.within(response, 'INVITE', 2, { body: description([], 2, '0.0.0.0') });
    await stage.settle();
    expect(directionIn(finalOf(reinvite))).toBe('recvonly');
    expect(finalOf(reinvite).body).not.toContain('0.0.0.0');
    expect(session.remoteHold).toBe(true);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 3261 15: BYE', () => {
  it('15.1.1 ends the session at once, and says why (RFC 3326)', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    const events = eventsOf(session);
    const gone = session.hangUp({ protocol: 'Q.850', cause: 16 });
    expect(events).toEqual([{ kind: 'ended', end: { kind: 'local' } }]);
    expect(stage.alice.engine.standing.size).toBe(0);
    await stage.settle();
    expect(headerOf(stage.peer.last('BYE').request, 'Reason')).toBe('Q.850;cause=16');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await stage.settle();
    await gone;
    expect(session.state).toBe('ended');
    expect(await session.hold()).toMatchObject({ kind: 'ended' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('15.1.1 to which nothing comes ends all the same', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    await stage.peer.transactions.stop();
    const gone = session.hangUp();
    await stage.settle(33_000);
    await gone;
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('15.1.2 of the far end is answered, and its reason told', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const events = eventsOf(session);
    const bye = stage.peer.within(response, 'BYE', 2, { headers: [['Reason', 'SIP;cause=480']] });
    await stage.settle();
    expect(statusesOf(bye)).toEqual([200]);
    expect(events).toMatchObject([{ kind: 'ended', end: { kind: 'remote', reasons: [{ cause: 480 }] } }]);
    const late = stage.peer.within(response, 'BYE', 3);
    await stage.settle();
    expect(statusesOf(late)).toEqual([481]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('15.1.2 that crosses an own one is answered, too', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    void session.hangUp();
    const bye = stage.peer.within(response, 'BYE', 2);
    await stage.settle();
    expect(statusesOf(bye)).toEqual([200]);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    await stage.settle();
    expect(session.end).toEqual({ kind: 'local' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('CX-08 15 goes out only when the ACK has come, where this side was called', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    void incoming.accept();
    await stage.settle();
    void incoming.session.hangUp();
    await stage.settle(1_000);
    expect([stage.peer.count('BYE'), incoming.session.state]).toEqual([0, 'leaving']);
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    expect(stage.peer.count('BYE')).toBe(1);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('15 of the caller before the answer ends the INVITE with 487 (15.1.2)', async () => {
    const stage = await SessionStage.set();
    const { call, ringing } = await stage.rung();
    const bye = stage.peer.within(ringing, 'BYE', 2);
    await stage.settle();
    expect([statusesOf(bye), statusesOf(call)]).toEqual([[200], [180, 487]]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('hangUp of an early session gives the INVITE up, or refuses it', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    incoming.ring();
    const gone = incoming.session.hangUp();
    await stage.settle();
    await gone;
    expect(finalOf(call).status).toBe(480);
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 180);
    await stage.settle();
    void invite.sessions[0]?.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 487);
    await stage.settle();
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 6086: INFO', () => {
  it('is passed on, and refused where nobody understands it', async () => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted();
    const bodies: string[] = [];
    const end = session.listen((event) => {
      if (event.kind !== 'info') return;
      bodies.push(event.request.body);
      event.accept();
    });
    const within = async (sequence: number, extras: Parameters<typeof stage.peer.within>[3]): Promise<number> => {
      const info = stage.peer.within(response, 'INFO', sequence, extras);
      await stage.settle();
      return finalOf(info).status;
    };
    const info = stage.peer.within(response, 'INFO', 2);
    await stage.settle();
    expect(finalOf(info).status).toBe(200);
    const relay = { body: 'Signal=5', headers: [['Content-Type', 'application/dtmf-relay']] } as const;
    expect(await within(3, relay)).toBe(200);
    end();
    expect(await within(4, { headers: [['Info-Package', 'foo']] })).toBe(469);
    expect(await within(5, relay)).toBe(415);
    expect(await within(6, {})).toBe(200);
    expect(bodies).toEqual(['', 'Signal=5']);
    const sent = session.info({ body: 'Signal=1', contentType: 'application/dtmf-relay' });
    await stage.settle();
    stage.peer.respond(stage.peer.last('INFO'), 200);
    await stage.settle();
    expect(await sent).toMatchObject({ status: 200 });
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
