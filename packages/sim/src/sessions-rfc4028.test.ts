import { describe, expect, it } from 'vitest';
import { eventsOf } from './invite-sessions.testing.ts';
import { description, headerOf, versionIn } from './scripted-peer.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';

const allowsUpdate = ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE'] as const;
const timed = [
  ['Supported', 'timer'],
  ['Session-Expires', '1800'],
] as const;

describe('RFC 4028 7: the caller', () => {
  it('7.1 asks for a session timer', async () => {
    const stage = await SessionStage.set();
    await stage.call();
    const { request } = stage.peer.last('INVITE');
    expect(headerOf(request, 'Session-Expires')).toBe('1800');
    expect(headerOf(request, 'Supported')).toContain('timer');
    expect(request.has('Min-SE')).toBe(false);
    stage.peer.respond(stage.peer.last('INVITE'), 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('says nothing of it where it is off', async () => {
    const stage = await SessionStage.set({ sessionTimer: 'off' });
    await stage.call();
    const { request } = stage.peer.last('INVITE');
    expect(request.has('Session-Expires')).toBe(false);
    expect(headerOf(request, 'Supported')).not.toContain('timer');
    stage.peer.respond(stage.peer.last('INVITE'), 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('7.3 tries again with the interval that a 422 asks for, under the same Call-ID', async () => {
    const stage = await SessionStage.set({ sessionTimer: { interval: 100, minimum: 90 } });
    const invite = await stage.call();
    const first = stage.peer.last('INVITE');
    stage.peer.respond(first, 422, { headers: [['Min-SE', '600']] });
    await stage.settle();
    const second = stage.peer.last('INVITE').request;
    expect([headerOf(second, 'Session-Expires'), headerOf(second, 'Min-SE')]).toEqual(['600', '600']);
    expect([second.callId, second.body]).toEqual([first.request.callId, first.request.body]);
    // The same once more is no reason to go on.
    stage.peer.respond(stage.peer.last('INVITE'), 422, { headers: [['Min-SE', '600']] });
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'refused', response: { status: 422 } });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('tries four times in all, however often somebody wants a longer interval', async () => {
    const stage = await SessionStage.set({ sessionTimer: { interval: 100, minimum: 90 } });
    const invite = await stage.call();
    for (const minimum of ['200', '300', '400', '500']) {
      stage.peer.respond(stage.peer.last('INVITE'), 422, { headers: [['Min-SE', minimum]] });
      await stage.settle();
    }
    expect(headerOf(stage.peer.last('INVITE').request, 'Session-Expires')).toBe('400');
    expect(await invite.outcome).toMatchObject({ kind: 'refused', response: { status: 422 } });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('7.4, 10 refreshes at half time by UPDATE, where the far end knows it, without an offer', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered({ headers: [allowsUpdate, ['Session-Expires', '600;refresher=uac']] });
    expect([session.timer.refresher, session.timer.interval]).toEqual(['local', 600]);
    await stage.settle(299_000);
    expect(stage.peer.count('UPDATE')).toBe(0);
    await stage.settle(1_500);
    const { request } = stage.peer.last('UPDATE');
    expect([headerOf(request, 'Session-Expires'), request.body]).toEqual(['600;refresher=uac', '']);
    stage.peer.respond(stage.peer.last('UPDATE'), 200, { headers: [['Session-Expires', '600;refresher=uac']] });
    await stage.settle(300_100);
    expect([stage.peer.count('UPDATE'), session.state]).toEqual([2, 'confirmed']);
    stage.peer.respond(stage.peer.last('UPDATE'), 200);
    await stage.settle(3_600_000);
    // The last 2xx spoke of no timer any more (7.2).
    expect([session.timer.refresher, session.state, stage.peer.count('UPDATE')]).toEqual([undefined, 'confirmed', 2]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('7.4 refreshes by a re-INVITE that says what was said before, where the far end knows no UPDATE', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered({ headers: [['Session-Expires', '600;refresher=uac']] });
    const invite = stage.peer.last('INVITE').request;
    await stage.settle(300_100);
    const refresh = stage.peer.last('INVITE');
    expect([refresh.request.body, versionIn(refresh.request)]).toEqual([invite.body, versionIn(invite)]);
    stage.peer.respond(refresh, 200, {
      body: description(),
      headers: [['Session-Expires', '600;refresher=uac']],
    });
    await stage.settle(300_100);
    expect(stage.peer.acks).toHaveLength(2);
    expect([session.state, stage.peer.count('INVITE')]).toEqual(['confirmed', 3]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([405, 501])('7.4 takes a re-INVITE after a %i to its UPDATE', async (status) => {
    const stage = await SessionStage.set();
    await stage.answered({ headers: [allowsUpdate, ['Session-Expires', '600;refresher=uac']] });
    await stage.settle(300_100);
    stage.peer.respond(stage.peer.last('UPDATE'), status);
    await stage.settle();
    expect(stage.peer.count('INVITE')).toBe(2);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('7.4 refreshes with the larger interval that a 422 asks for', async () => {
    const stage = await SessionStage.set();
    await stage.answered({ headers: [allowsUpdate, ['Session-Expires', '600;refresher=uac']] });
    await stage.settle(300_100);
    stage.peer.respond(stage.peer.last('UPDATE'), 422, { headers: [['Min-SE', '900']] });
    await stage.settle();
    const { request } = stage.peer.last('UPDATE');
    expect([headerOf(request, 'Session-Expires'), headerOf(request, 'Min-SE')]).toEqual(['900;refresher=uac', '900']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([408, 481])('10 hangs up after a %i to a refresh', async (status) => {
    const stage = await SessionStage.set();
    const session = await stage.answered({ headers: [allowsUpdate, ['Session-Expires', '600;refresher=uac']] });
    await stage.settle(300_100);
    stage.peer.respond(stage.peer.last('UPDATE'), status === 408 ? 480 : status);
    await stage.settle();
    expect(session.end?.kind).toBe('lost');
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('10 tries a refresh again that met something else, and hangs up when the interval is over', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered({ headers: [allowsUpdate, ['Session-Expires', '600;refresher=uac']] });
    const events = eventsOf(session);
    await stage.settle(300_100);
    for (let count = 0; count < 29; count += 1) {
      stage.peer.respond(stage.peer.last('UPDATE'), 500);
      await stage.settle(10_100);
    }
    expect(stage.peer.count('UPDATE')).toBe(30);
    expect(session.state).toBe('confirmed');
    stage.peer.respond(stage.peer.last('UPDATE'), 500);
    await stage.settle(10_000);
    expect(events).toEqual([{ kind: 'ended', end: { kind: 'expired' } }]);
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('10 hangs up shortly before its time when the far end does not refresh', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered({
      headers: [
        ['Session-Expires', '600;refresher=uas'],
        ['Require', 'timer'],
      ],
    });
    expect(session.timer.refresher).toBe('remote');
    await stage.settle(567_000);
    expect(session.state).toBe('confirmed');
    await stage.settle(1_500);
    expect(session.end).toEqual({ kind: 'expired' });
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('11 believes no interval below 90 seconds', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered({ headers: [allowsUpdate, ['Session-Expires', '1;refresher=uac']] });
    expect(session.timer.interval).toBe(90);
    await stage.settle(44_000);
    expect(stage.peer.count('UPDATE')).toBe(0);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 4028 9: the callee', () => {
  it('refuses an interval below its minimum with 422 and Min-SE, unless the caller would not understand', async () => {
    const stage = await SessionStage.set({ sessionTimer: { interval: 1_800, minimum: 300 } });
    const call = stage.peer.invite('sip:alice@192.0.2.1', {
      body: description(),
      headers: [
        ['Supported', 'timer'],
        ['Session-Expires', '120'],
      ],
    });
    await stage.settle();
    expect([finalOf(call).status, headerOf(finalOf(call), 'Min-SE')]).toEqual([422, '300']);
    expect(stage.alice.incoming).toEqual([]);
    const { incoming } = await stage.called({ body: description(), headers: [['Session-Expires', '120']] }, 'again');
    expect(incoming.state).toBe('pending');
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['nothing', [], '1800;refresher=uas', '', 'local'],
    ['a timer that nobody supports', [['Session-Expires', '600']], '600;refresher=uas', '', 'local'],
    ['support alone', [['Supported', 'timer']], '1800;refresher=uas', 'timer', 'local'],
    [
      'support and Min-SE',
      [
        ['Supported', 'timer'],
        ['Min-SE', '3600'],
      ],
      '3600;refresher=uas',
      'timer',
      'local',
    ],
    [
      'support and a Min-SE of a day',
      [
        ['Supported', 'timer'],
        ['Min-SE', '86400'],
      ],
      '86400;refresher=uas',
      'timer',
      'local',
    ],
    [
      'support and a Min-SE of more than a day',
      [
        ['Supported', 'timer'],
        ['Min-SE', '86401'],
      ],
      '1800;refresher=uas',
      'timer',
      'local',
    ],
    ['a timer', timed, '1800;refresher=uac', 'timer', 'remote'],
    [
      'uac',
      [
        ['Supported', 'timer'],
        ['Session-Expires', '600;refresher=uac'],
      ],
      '600;refresher=uac',
      'timer',
      'remote',
    ],
    [
      'uas',
      [
        ['Supported', 'timer'],
        ['Session-Expires', '600;refresher=uas'],
      ],
      '600;refresher=uas',
      'timer',
      'local',
    ],
  ] as const)('table 2: an INVITE that says %s', async (_, headers, expires, require, refresher) => {
    const stage = await SessionStage.set();
    const { session, response } = await stage.accepted({ body: description(), headers });
    expect([headerOf(response, 'Session-Expires'), headerOf(response, 'Require')]).toEqual([expires, require]);
    expect(session.timer.refresher).toBe(refresher);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('goes on as long as the far end refreshes, by UPDATE or re-INVITE, and hangs up when it stops', async () => {
    const stage = await SessionStage.set();
    const headers = [
      ['Supported', 'timer'],
      ['Session-Expires', '600;refresher=uac'],
    ] as const;
    const { session, response } = await stage.accepted({ body: description(), headers });
    await stage.settle(500_000);
    const update = stage.peer.within(response, 'UPDATE', 2, { headers });
    await stage.settle();
    expect(headerOf(finalOf(update), 'Session-Expires')).toBe('600;refresher=uac');
    await stage.settle(500_000);
    const reinvite = stage.peer.within(response, 'INVITE', 3, { headers, body: description() });
    await stage.settle();
    stage.peer.acknowledge(finalOf(reinvite));
    await stage.settle(567_000);
    expect(session.state).toBe('confirmed');
    await stage.settle(2_000);
    expect(session.end).toEqual({ kind: 'expired' });
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('begins no timer with an UPDATE before the answer: there is no session yet', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    incoming.ring();
    await stage.settle();
    const [ringing] = call.responses;
    if (ringing === undefined) throw new Error('it does not ring');
    const headers = [
      ['Supported', 'timer'],
      ['Session-Expires', '90;refresher=uac'],
    ] as const;
    const update = stage.peer.within(ringing, 'UPDATE', 2, { headers });
    await stage.settle(100_000);
    expect([statusesOf(update), headerOf(finalOf(update), 'Session-Expires')]).toEqual([[200], '']);
    expect(incoming.state).toBe('pending');
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('refuses a refresh below its minimum, too', async () => {
    const stage = await SessionStage.set();
    const { response } = await stage.accepted();
    const headers = [
      ['Supported', 'timer'],
      ['Session-Expires', '30'],
    ] as const;
    const update = stage.peer.within(response, 'UPDATE', 2, { headers });
    await stage.settle();
    expect([statusesOf(update), headerOf(finalOf(update), 'Min-SE')]).toEqual([[422], '90']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('7.4 puts the largest Min-SE that it has seen into its own refreshes, and keeps who refreshes', async () => {
    const stage = await SessionStage.set();
    const headers = [
      ['Supported', 'timer'],
      ['Session-Expires', '1200;refresher=uas'],
      ['Min-SE', '1000'],
      allowsUpdate,
    ] as const;
    await stage.accepted({ body: description(), headers });
    await stage.settle(600_100);
    const { request } = stage.peer.last('UPDATE');
    expect([headerOf(request, 'Session-Expires'), headerOf(request, 'Min-SE')]).toEqual(['1200;refresher=uac', '1000']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
