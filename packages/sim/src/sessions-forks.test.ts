import { describe, expect, it } from 'vitest';
import type { HeaderInit, OutgoingInvite } from '@switchhook/sip';
import { description, directionIn } from './scripted-peer.testing.ts';
import { SessionStage, statusesOf } from './session-stage.testing.ts';

const inactive = (port: number): string => description([`m=audio ${String(port)} RTP/AVP 0`, 'a=inactive'], 2);
const voice = (port: number): string => description([`m=audio ${String(port)} RTP/AVP 0`]);

function reliable(): HeaderInit[] {
  return [
    ['Require', '100rel'],
    ['RSeq', '1'],
    ['Allow', 'INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'],
  ];
}

/** Where Alice's one stream sends to: the branch that she hears. */
function heardFrom({ alice }: SessionStage): readonly (number | undefined)[] {
  return [...alice.engine.standing.values()].map((agreement) => agreement?.remote.port);
}

/** Alice calls, and two answer before the answer: one at port 4000, and then the other at port 5000. */
async function forked(headers: readonly HeaderInit[] = []): Promise<{ stage: SessionStage; invite: OutgoingInvite }> {
  const stage = await SessionStage.set();
  const invite = await stage.call();
  const transaction = stage.peer.last('INVITE');
  stage.peer.respond(transaction, 183, { headers, body: voice(4_000) }, 'one');
  await stage.settle();
  stage.peer.respond(transaction, 183, { headers, body: voice(5_000) }, 'two');
  await stage.settle();
  return { stage, invite };
}

describe('RFC 3261 13.2.2.4: the early dialogs of a fork', () => {
  it('share one port, and who has answered last is heard', async () => {
    const { stage, invite } = await forked();
    expect(heardFrom(stage)).toEqual([5_000]);
    stage.peer.respond(stage.peer.last('INVITE'), 486);
    await stage.settle();
    expect((await invite.outcome).kind).toBe('refused');
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('leave it to the one before when one of them is over (RFC 6228)', async () => {
    const { stage } = await forked();
    stage.peer.respond(stage.peer.last('INVITE'), 199, {}, 'two');
    await stage.settle();
    expect(heardFrom(stage)).toEqual([4_000]);
    stage.peer.respond(stage.peer.last('INVITE'), 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['an answer that may still change', []],
    ['an answer that is agreed on', reliable()],
  ])('have it for whoever answers the call, with %s', async (_, headers) => {
    const { stage, invite } = await forked(headers);
    for (const prack of stage.peer.requests.filter(({ request }) => request.method === 'PRACK'))
      stage.peer.respond(prack, 200);
    stage.peer.respond(stage.peer.last('INVITE'), 200, headers.length > 0 ? {} : { body: voice(4_000) }, 'one');
    await stage.settle();
    const outcome = await invite.outcome;
    expect(outcome).toMatchObject({ kind: 'answered', session: { direction: 'sendrecv' } });
    expect(heardFrom(stage)).toEqual([4_000]);
    // What the other one says now changes nothing.
    const update = stage.peer.within(stage.peer.last('INVITE').request, 'UPDATE', 1, { body: inactive(5_000) }, 'two');
    await stage.settle();
    expect(statusesOf(update)).toEqual([500]);
    expect(heardFrom(stage)).toEqual([4_000]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('are held each by itself, and offer each its own versions', async () => {
    const { stage, invite } = await forked(reliable());
    for (const prack of stage.peer.requests.filter(({ request }) => request.method === 'PRACK'))
      stage.peer.respond(prack, 200);
    const [one, two] = invite.sessions;
    void one?.hold('inactive');
    await stage.settle();
    const update = stage.peer.last('UPDATE');
    expect([update.request.toTag, directionIn(update.request)]).toEqual(['one', 'inactive']);
    stage.peer.respond(update, 200, { body: inactive(4_000) }, 'one');
    await stage.settle();
    expect([one?.direction, two?.direction]).toEqual(['inactive', 'sendrecv']);
    // The one that is held is not the one that is heard.
    expect(heardFrom(stage)).toEqual([5_000]);
    void two?.hold('inactive');
    await stage.settle();
    const other = stage.peer.last('UPDATE');
    const version = (text: string): string | undefined => /^o=- \d+ (\d+)/m.exec(text)?.[1];
    expect([other.request.toTag, version(other.request.body)]).toEqual(['two', version(update.request.body)]);
    stage.peer.respond(other, 200, { body: inactive(5_000) }, 'two');
    stage.peer.respond(stage.peer.last('INVITE'), 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('whose offers came late have ports of their own', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call(true);
    const transaction = stage.peer.last('INVITE');
    for (const [tag, port] of [
      ['one', 4_000],
      ['two', 5_000],
    ] as const) {
      stage.peer.respond(transaction, 183, { headers: reliable(), body: voice(port) }, tag);
      await stage.settle();
      stage.peer.respond(stage.peer.last('PRACK'), 200, {}, tag);
      await stage.settle();
    }
    expect(stage.alice.engine.standing.size).toBe(2);
    stage.peer.respond(transaction, 200, {}, 'one');
    await stage.settle();
    expect((await invite.outcome).kind).toBe('answered');
    expect(heardFrom(stage)).toEqual([4_000]);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
