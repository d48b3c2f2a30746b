import { describe, expect, test } from 'vitest';
import type { Stage } from '../flow/flow-script.ts';
import { audible, shownByLadder, silent } from './ladder.testing.ts';
import { descriptionIn, scene } from './scene.testing.ts';

/** Statements of RFC 5359 2.2. */

async function talkAndHold(stage: Stage): Promise<void> {
  const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
  await Promise.all([alice.call(bob), bob.answer()]);
  await bob.hold(alice);
}

describe('RFC 5359 2.2', () => {
  shownByLadder('2.2', [
    ['C2.2-02', 'the held one hears the consultation', audible('bob', 'alice', 'F24')],
    ['C2.2-02', 'the two do not hear each other', silent('carol', 'bob')],
    ['C2.2-03', 'the consultation does not end', (m) => m.drop('F25', 'F26', 'F27', 'F28')],
    [
      'C2.2-05',
      'a hold says nothing of rendering',
      (m) => m.header('F10', 'Contact', (contact) => contact.replace(/;.*/, '')),
    ],
    ['C2.2-06', 'the call goes on', audible('alice', 'bob', 'F38')],
    ['C2.2-09', 'the proxy adds a header field', (m) => m.add('F2', 'Subject', 'added')],
    ['C2.2-09', 'the proxy changes a body', (m) => m.replaceInBody('F11', 'sendonly', 'inactive')],
  ]);

  test('C2.2-01 C2.2-04 the consultation is a call of its own, and the held one goes on counting', async () => {
    const { requests, error } = await scene('2.2', async (stage) => {
      const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
      await talkAndHold(stage);
      await Promise.all([bob.call(carol), carol.answer()]);
      await bob.hangUp(carol);
      await bob.resume(alice);
      await bob.hangUp(alice);
    });
    expect(error).toBeUndefined();
    const calls = Map.groupBy(requests('INVITE', 'bob'), ({ callId }) => callId);
    expect(calls.size).toBe(2);
    const [held = [], consultation = []] = calls.values();
    expect(consultation[0]?.fromTag).not.toBe(held[0]?.fromTag);
    const [hold, resume] = held;
    expect((resume?.cseqNumber ?? 0) > (hold?.cseqNumber ?? 0)).toBe(true);
    expect(descriptionIn(resume).version - descriptionIn(hold).version).toBe(1n);
    const [port] = descriptionIn(hold).media.map((media) => media.port);
    expect(descriptionIn(consultation[0]).media.map((media) => media.port)).not.toContain(port);
  });

  test.each([
    ['busy', 'busy'],
    ['unavailable', 'unavailable'],
  ] as const)('C2.2-07 whom he wants to ask is %s: he goes back to whom he held', async (as, kind) => {
    const { error, leftOvers } = await scene('2.2', async (stage) => {
      const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.phone('carol')];
      await carol.refuseCalls(as);
      await talkAndHold(stage);
      await expect(bob.call(carol)).rejects.toMatchObject({ failure: { kind } });
      await bob.resume(alice);
      expect(alice.with(bob)).toMatchObject({ state: 'connected', remoteHold: false });
      await alice.hangUp(bob);
      await bob.ended(alice);
    });
    expect([error, leftOvers]).toEqual([undefined, []]);
  });

  test('C2.2-08 the held one hangs up: the consultation goes on', async () => {
    let after: [number, number] = [0, 0];
    const { hears, error, leftOvers } = await scene('2.2', async (stage) => {
      const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.phone('carol')];
      await talkAndHold(stage);
      await Promise.all([bob.call(carol), carol.answer()]);
      await alice.hangUp(bob);
      await bob.ended(alice);
      const start = stage.clock.now() + 300;
      await stage.listen();
      after = [start, stage.clock.now()];
      expect(bob.with(carol).state).toBe('connected');
      await bob.hangUp(carol);
      await carol.ended(bob);
    });
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect([hears('carol', 'bob', after), hears('bob', 'carol', after)]).toEqual([true, true]);
  });
});
