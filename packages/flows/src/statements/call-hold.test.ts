import { describe, expect, test } from 'vitest';
import type { Stage } from '../flow/flow-script.ts';
import { negotiating } from '../simulation/changed-media.testing.ts';
import { Voice } from '../stage/voice.ts';
import { audible, shownByLadder, silent } from './ladder.testing.ts';
import { descriptionIn, directionIn, listen, scene } from './scene.testing.ts';

/** Statements of RFC 5359 2.1. */

async function talk(stage: Stage): Promise<void> {
  await Promise.all([stage.phone('alice').call(stage.phone('bob')), stage.phone('bob').answer()]);
  await stage.listen();
}

async function hangUp(stage: Stage): Promise<void> {
  await stage.phone('alice').hangUp(stage.phone('bob'));
  await stage.phone('bob').ended(stage.phone('alice'));
}

describe('RFC 5359 2.1', () => {
  shownByLadder('2.1', [
    ['C2.1-02', 'a hold is answered with sendrecv', (m) => m.replaceInBody('F12', 'recvonly', 'sendrecv')],
    [
      'C2.1-03',
      'a hold says nothing of rendering',
      (m) => m.header('F10', 'Contact', (contact) => contact.replace(/;.*/, '')),
    ],
    [
      'C2.1-04',
      'a resume says that nothing is rendered',
      (m) => m.header('F16', 'Contact', (contact) => `${contact};+sip.rendering="no"`),
    ],
    ['C2.1-05', 'one of them is not heard', silent('bob', 'alice')],
    ['C2.1-06', 'the held one is heard', audible('alice', 'bob', 'F15')],
    ['C2.1-11', 'the proxy is not on the path', (m) => m.header('F2', 'Record-Route', () => undefined)],
    ['C2.1-11', 'a request goes past the proxy', (m) => m.header('F22', 'Route', () => undefined)],
  ]);

  test('C2.1-01 C2.1-05 each change counts the version up by one, and keeps session, streams and codecs', async () => {
    const { requests, error } = await scene('2.1', async (stage) => {
      await talk(stage);
      await stage.phone('bob').hold(stage.phone('alice'));
      await stage.phone('bob').resume(stage.phone('alice'));
      await hangUp(stage);
    });
    expect(error).toBeUndefined();
    const offers = requests('INVITE', 'bob').map(descriptionIn);
    expect(offers.map(({ media }) => media.map(({ direction }) => direction))).toEqual([['inactive'], ['sendrecv']]);
    const [hold, resume] = offers;
    expect(resume?.sessionId).toBe(hold?.sessionId);
    expect((resume?.version ?? 0n) - (hold?.version ?? 0n)).toBe(1n);
    expect(resume?.media.map(({ formats }) => formats)).toEqual(hold?.media.map(({ formats }) => formats));
  });

  test('C2.1-07 each side holds for itself: with both held it is silent, and each takes back his own', async () => {
    const moments: [number, number][] = [];
    const { sends, error, leftOvers } = await scene('2.1', async (stage) => {
      const [alice, bob] = [stage.person('alice'), stage.person('bob')];
      const listen = async (): Promise<void> => {
        // What was on its way is gone.
        await new Promise<void>((resolve) => void stage.clock.after(100, resolve));
        const start = stage.clock.now();
        await stage.listen();
        moments.push([start, stage.clock.now()]);
      };
      await talk(stage);
      await bob.hold(alice);
      await alice.hold(bob);
      await listen();
      await bob.resume(alice);
      expect(bob.with(alice)).toMatchObject({ localHold: false, remoteHold: true });
      expect(alice.with(bob)).toMatchObject({ localHold: true, remoteHold: false });
      await listen();
      await alice.resume(bob);
      await listen();
      await hangUp(stage);
    });
    expect([error, leftOvers]).toEqual([undefined, []]);
    const [bothHeld, aliceHolds, nobodyHolds] = moments;
    for (const [from, to] of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ] as const) {
      expect(sends(from, to, bothHeld ?? [0, 0])).toBe(false);
      expect(sends(from, to, aliceHolds ?? [0, 0])).toBe(false);
      expect(sends(from, to, nobodyHolds ?? [0, 0])).toBe(true);
    }
  });

  test('C2.1-08 the hold of an old phone is understood: nothing is sent to 0.0.0.0, and the offer is answered', async () => {
    const old = negotiating((negotiation) => ({
      createOffer: async (refresh) => {
        const offer = await negotiation.createOffer(refresh);
        return negotiation.localHold === 'none'
          ? offer
          : offer.replace(/^c=IN IP4 \S+/gm, 'c=IN IP4 0.0.0.0').replace(/^a=(?:inactive|sendonly)\r\n/gm, '');
      },
    }));
    let held: [number, number] = [0, 0];
    const { requests, sends, finals, error } = await scene(
      '2.1',
      async (stage) => {
        const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
        await talk(stage);
        await bob.hold(alice);
        await new Promise<void>((resolve) => void stage.clock.after(100, resolve));
        const start = stage.clock.now();
        await stage.listen();
        held = [start, stage.clock.now()];
        expect(stage.control.filter(({ time, from }) => from === 'alice' && time > start)).toEqual([]);
        await bob.resume(alice);
        await hangUp(stage);
      },
      { parts: { bob: { media: old } } },
    );
    expect(error).toBeUndefined();
    expect(requests('INVITE', 'bob')[0]?.body).toContain('c=IN IP4 0.0.0.0');
    expect(finals('INVITE', 'alice')).toEqual([200, 200]);
    expect(sends('alice', 'bob', held)).toBe(false);
  });

  test('C2.1-09 C2.1-10 C2.1-13 our hold is inactive and never 0.0.0.0; to sendonly recvonly is the answer, and is heard', async () => {
    const music = negotiating((negotiation, call) => ({
      createOffer: (refresh) => {
        if (negotiation.localHold === 'inactive') {
          negotiation.localHold = 'sendonly';
          call.play(new Voice('bob'));
        }
        return negotiation.createOffer(refresh);
      },
    }));
    for (const [parts, offered, answered, heard] of [
      [{}, 'inactive', 'inactive', false],
      [{ bob: { media: music } }, 'sendonly', 'recvonly', true],
    ] as const) {
      let held: readonly [number, number] = [0, 0];
      const { requests, conversation, hears, error } = await scene(
        '2.1',
        async (stage) => {
          await talk(stage);
          await stage.phone('bob').hold(stage.phone('alice'));
          held = await listen(stage);
          await hangUp(stage);
        },
        { parts },
      );
      expect(error).toBeUndefined();
      expect(directionIn(requests('INVITE', 'bob')[0])).toBe(offered);
      const answer = conversation.messages.findLast(
        ({ from, message }) => from === 'alice' && message?.cseqMethod === 'INVITE' && message.body !== '',
      );
      expect(directionIn(answer?.message)).toBe(answered);
      expect([hears('alice', 'bob', held), hears('bob', 'alice', held)]).toEqual([heard, false]);
      expect(conversation.messages.some(({ text }) => text.includes('c=IN IP4 0.0.0.0'))).toBe(false);
    }
  });

  test('C2.1-12 a hold that is refused leaves the call as it was', async () => {
    let asked = 0;
    const refusing = negotiating((negotiation) => ({
      createAnswer: (offer) => {
        asked += 1;
        return asked === 1
          ? Promise.resolve({ kind: 'refused', status: 488, reason: 'not now' })
          : negotiation.createAnswer(offer);
      },
    }));
    let after: [number, number] = [0, 0];
    const { finals, sends, error } = await scene(
      '2.1',
      async (stage) => {
        const [alice, bob] = [stage.person('alice'), stage.person('bob')];
        await talk(stage);
        await expect(bob.hold(alice)).rejects.toMatchObject({ failure: { kind: 'no-common-media' } });
        expect(bob.with(alice)).toMatchObject({ localHold: false, state: 'connected' });
        const start = stage.clock.now() + 100;
        await stage.listen();
        after = [start, stage.clock.now()];
        await hangUp(stage);
      },
      { parts: { alice: { media: refusing } } },
    );
    expect(error).toBeUndefined();
    expect(finals('INVITE', 'alice')).toEqual([488]);
    expect([sends('alice', 'bob', after), sends('bob', 'alice', after)]).toEqual([true, true]);
  });

  test('C2.1-12 C2.1-15 who holds at the same moment gets 491, waits, and holds after all', async () => {
    const { finals, requests, error, leftOvers } = await scene('2.1', async (stage) => {
      const [alice, bob] = [stage.person('alice'), stage.person('bob')];
      await talk(stage);
      await Promise.all([alice.hold(bob), bob.hold(alice)]);
      expect(alice.with(bob)).toMatchObject({ localHold: true, remoteHold: true });
      expect(bob.with(alice)).toMatchObject({ localHold: true, remoteHold: true });
      await hangUp(stage);
    });
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect([...finals('INVITE', 'alice'), ...finals('INVITE', 'bob')]).toContain(491);
    expect(requests('INVITE', 'bob').length).toBeGreaterThan(1);
  });

  test('C2.1-14 the held one can hang up', async () => {
    const { requests, error, leftOvers } = await scene('2.1', async (stage) => {
      await talk(stage);
      await stage.phone('bob').hold(stage.phone('alice'));
      await hangUp(stage);
    });
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(requests('BYE', 'alice')).toHaveLength(1);
    expect(requests('BYE', 'bob')).toEqual([]);
  });
});
