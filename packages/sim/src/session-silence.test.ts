import { describe, expect, it } from 'vitest';
import type { InviteSession } from '@switchhook/sip';
import { eventsOf } from './invite-sessions.testing.ts';
import { description } from './scripted-peer.testing.ts';
import { SessionStage } from './session-stage.testing.ts';

const allowsUpdate = ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE'] as const;

/** A call in which nothing has been heard yet. */
async function quietCall(headers: readonly (readonly [string, string])[] = [allowsUpdate]): Promise<{
  readonly stage: SessionStage;
  readonly session: InviteSession;
  /** What is told of silence, in the order of events, and the end. */
  readonly told: () => unknown[];
}> {
  const stage = await SessionStage.set();
  stage.alice.engine.lastReceived = -Infinity;
  const session = await stage.answered({ headers });
  const events = eventsOf(session);
  const told = (): unknown[] =>
    events.flatMap((event): (boolean | string)[] => {
      if (event.kind === 'silence') return [event.silent];
      return event.kind === 'ended' ? [event.end.kind] : [];
    });
  return { stage, session, told };
}

/** The peer is heard every 20 ms for so long. */
async function hear(stage: SessionStage, milliseconds: number): Promise<void> {
  for (let played = 0; played < milliseconds; played += 20) {
    stage.alice.engine.lastReceived = stage.clock.now();
    await stage.settle(20);
  }
}

describe('a far end from which nothing comes', () => {
  it('is missed after ten seconds, and asked by an UPDATE that changes nothing', async () => {
    const { stage, session, told } = await quietCall();
    await stage.settle(9_900);
    expect([told(), stage.peer.count('UPDATE')]).toEqual([[], 0]);
    await stage.settle(100);
    expect([told(), session.isSilent, stage.peer.count('UPDATE')]).toEqual([[true], true, 1]);
    expect(stage.peer.last('UPDATE').request.body).toBe('');
    stage.peer.respond(stage.peer.last('UPDATE'), 200);
    void session.hangUp();
    await stage.settle();
    stage.peer.respond(stage.peer.last('BYE'), 200);
    expect(await stage.leftOvers()).toEqual([]);
    expect(told()).toEqual([true, 'local']);
  });

  it('is asked by a re-INVITE that says what was said before, where it knows no UPDATE', async () => {
    const { stage, session } = await quietCall([['Allow', 'INVITE, ACK, BYE, CANCEL']]);
    const [first] = [stage.peer.last('INVITE').request.body];
    await stage.settle(10_100);
    expect(stage.peer.count('UPDATE')).toBe(0);
    expect(stage.peer.count('INVITE')).toBe(2);
    expect(stage.peer.last('INVITE').request.body).toBe(first);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description() });
    await stage.settle();
    expect(session.state).toBe('confirmed');
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
  });

  it('is no longer missed when it is heard, and may be silent again', async () => {
    const { stage, session, told } = await quietCall();
    await stage.settle(11_000);
    stage.peer.respond(stage.peer.last('UPDATE'), 200);
    await hear(stage, 2_000);
    expect([told(), session.isSilent]).toEqual([[true, false], false]);
    await hear(stage, 60_000);
    expect(told()).toEqual([true, false]);
    await stage.settle(9_900);
    expect(told()).toEqual([true, false]);
    await stage.settle(200);
    expect(told()).toEqual([true, false, true]);
    expect(stage.peer.count('UPDATE')).toBe(2);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
  });

  it('is asked again every half minute while it says that it is there, and the call goes on', async () => {
    const { stage, session, told } = await quietCall();
    for (let asked = 1; asked <= 4; asked += 1) {
      await stage.settle(asked === 1 ? 10_100 : 30_100);
      expect(stage.peer.count('UPDATE')).toBe(asked);
      stage.peer.respond(stage.peer.last('UPDATE'), 200);
    }
    await stage.settle();
    expect([told(), session.state]).toEqual([[true], 'confirmed']);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
    expect(stage.clock.pending).toBe(0);
  });

  it('is lost when it does not answer, with a BYE', async () => {
    const { stage, session, told } = await quietCall();
    await stage.settle(10_100 + 32_000);
    expect(told()).toEqual([true, 'lost']);
    expect(session.end).toMatchObject({ kind: 'lost', failure: { code: 'timeout' } });
    await stage.settle();
    expect(stage.peer.count('BYE')).toBe(1);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([481, 480, 404])('is lost when it is told to be gone: %i', async (status) => {
    const { stage, session, told } = await quietCall();
    await stage.settle(10_100);
    stage.peer.respond(stage.peer.last('UPDATE'), status);
    await stage.settle();
    expect(told()).toEqual([true, 'lost']);
    expect(session.end).toMatchObject({ kind: 'lost', response: { status } });
    stage.peer.respond(stage.peer.last('BYE'), 481);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('is lost when there has been no way to it for half a minute', async () => {
    const { stage, told } = await quietCall();
    await stage.settle(10_050);
    const from = stage.clock.now();
    while (told().length < 2 && stage.clock.now() < 100_000) {
      stage.peer.respond(stage.peer.last('UPDATE'), 430);
      await stage.settle(100);
    }
    expect(told()).toEqual([true, 'lost']);
    expect(stage.clock.now() - from).toBeGreaterThanOrEqual(32_000);
    expect(stage.clock.now() - from).toBeLessThan(37_000);
    stage.peer.respond(stage.peer.last('BYE'), 430);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('is not lost by a refusal of what it was asked', async () => {
    const { stage, session, told } = await quietCall();
    await stage.settle(10_100);
    stage.peer.respond(stage.peer.last('UPDATE'), 403);
    await stage.settle(29_000);
    expect([told(), session.state, stage.peer.count('UPDATE')]).toEqual([[true], 'confirmed', 1]);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
  });
});

describe('a far end that owes nothing', () => {
  it('is not missed while it is on hold, from either side', async () => {
    const { stage, session, told } = await quietCall();
    void session.hold();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=recvonly']) });
    await stage.settle(60_000);
    expect(told()).toEqual([]);
    void session.resume();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 200, {
      body: description(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], 2),
    });
    await stage.settle(60_000);
    expect([told(), session.remoteHold, session.direction]).toEqual([[], true, 'recvonly']);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
    expect(stage.clock.pending).toBe(0);
  });

  it('is not missed any more once it is put on hold, and anew ten seconds after it is taken from it', async () => {
    const { stage, session, told } = await quietCall();
    await stage.settle(10_100);
    stage.peer.respond(stage.peer.last('UPDATE'), 200);
    void session.hold('inactive');
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description(['m=audio 4000 RTP/AVP 0', 'a=inactive']) });
    await stage.settle();
    expect(told()).toEqual([true, false]);
    await stage.settle(60_000);
    void session.resume();
    await stage.settle();
    stage.peer.respond(stage.peer.last('INVITE'), 200, { body: description([], 2) });
    await stage.settle(9_800);
    expect(told()).toEqual([true, false]);
    await stage.settle(300);
    expect(told()).toEqual([true, false, true]);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
    expect(stage.clock.pending).toBe(0);
  });

  it('is not missed before it has answered, whatever it plays until then', async () => {
    const stage = await SessionStage.set();
    stage.alice.engine.lastReceived = -Infinity;
    const invite = await stage.call();
    stage.peer.respond(stage.peer.last('INVITE'), 183, { body: description() });
    await hear(stage, 1_000);
    await stage.settle(40_000);
    expect(stage.peer.count('UPDATE') + stage.peer.count('OPTIONS')).toBe(0);
    stage.peer.respond(stage.peer.last('INVITE'), 200, { headers: [allowsUpdate], body: description() });
    await stage.settle();
    const outcome = await invite.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    await stage.settle(9_800);
    expect(outcome.session.isSilent).toBe(false);
    await stage.settle(300);
    expect(outcome.session.isSilent).toBe(true);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
  });

  it('is not missed where nobody knows what comes', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered({ headers: [allowsUpdate] });
    await stage.settle(60_000);
    expect([session.isSilent, stage.peer.count('UPDATE')]).toEqual([false, 0]);
    await stage.alice.agent.stop();
    await stage.peer.transactions.stop();
  });
});

describe('who was called', () => {
  it('misses the caller as well', async () => {
    const stage = await SessionStage.set();
    stage.alice.engine.lastReceived = -Infinity;
    const { session } = await stage.accepted({ headers: [allowsUpdate], body: description() });
    await stage.settle(10_100);
    expect([session.isSilent, stage.peer.count('UPDATE')]).toEqual([true, 1]);
    expect(await stage.leftOvers()).toEqual([]);
    expect(session.end?.kind).toBe('lost');
  });
});
