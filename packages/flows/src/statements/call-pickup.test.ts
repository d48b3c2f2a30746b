import { describe, expect, test } from 'vitest';
import { Mutation } from '../checker/mutation.testing.ts';
import { audible, shownByLadder, silent } from './ladder.testing.ts';
import { scene, talk } from './scene.testing.ts';

/** Statements of RFC 5359 2.16. */

const without = (): undefined => undefined;

describe('RFC 5359 2.16', () => {
  shownByLadder('2.16', [
    ['C2.16-01', 'the document has other tags', (m) => m.replaceInBody('F5', 'local-tag="bob', 'local-tag="alice')],
    ['C2.16-01', 'the document has the other direction', (m) => m.replaceInBody('F5', 'recipient', 'initiator')],
    ['C2.16-01', 'the dialog is confirmed', (m) => m.replaceInBody('F5', '<state>early', '<state>confirmed')],
    ['C2.16-01', 'the document tells no target', (m) => m.replaceInBody('F5', /<remote>.*<\/remote>/, '')],
    [
      'C2.16-02',
      'an answered call would be taken, too',
      (m) => m.header('F7', 'Replaces', (value) => value.replace(';early-only', '')),
    ],
    ['C2.16-02', 'Replaces is not required', (m) => m.header('F7', 'Require', without)],
    ['C2.16-02', 'somebody else is called', (m) => m.requestUri('F7', 'sips:bob@biloxi.example.com')],
    ['C2.16-03', 'the caller does not cancel', (m) => m.drop('F9', 'F10', 'F11', 'F12')],
    ['C2.16-03', 'the CANCEL is of something else', (m) => m.header('F9', 'Via', (via) => via.replace('F1', 'F9'))],
    ['C2.16-03', 'who picks up is refused', (m) => m.status('F8', 486)],
    ['C2.16-13', 'the two do not hear each other', silent('bill', 'alice')],
    ['C2.16-13', 'the call goes on', audible('bill', 'alice', 'F15')],
  ]);

  test.each([[['F10', 'F11', 'F12']], [['F11', 'F12', 'F10']], [['F11', 'F10', 'F12']]])(
    'C2.16-04 after the CANCEL any order will do: %s',
    (order) => {
      const conversation = new Mutation('2.16');
      const times = order.map((f) => conversation.draft(f).time).sort((one, other) => one - other);
      for (const [place, f] of order.entries()) conversation.move(f, times[place] ?? 0);
      expect(conversation.report().failures).toEqual([]);
    },
  );

  test('C2.16-06 without early-only an answered call is taken, and who had it gets BYE', async () => {
    const { error, requests } = await scene('2.16', async (stage) => {
      const [alice, bob, bill] = [stage.person('alice'), stage.person('bob'), stage.person('bill')];
      await talk(stage, 'alice', 'bob');
      await bill.phone.pickUp(bob.addressOfRecord, { evenAnswered: true });
      await Promise.all([alice.connected(bill), bob.ended(alice)]);
    });
    expect(error).toBeUndefined();
    expect(requests('INVITE', 'bill')[0]?.raw('Replaces')).not.toContain('early-only');
    expect(requests('BYE', 'alice')).toHaveLength(1);
    expect(requests('CANCEL')).toEqual([]);
  });

  test('C2.16-09 a caller without a GRUU is picked up at his ordinary Contact', async () => {
    const { error, requests } = await scene(
      '2.16',
      async (stage) => {
        const [alice, bob, bill] = [stage.phone('alice'), stage.phone('bob'), stage.phone('bill')];
        const picked = bob.ring().then(() => bill.pickUp(bob));
        await Promise.all([alice.call(bob), picked]);
        await alice.connected(bill);
      },
      { parts: { alice: { settings: { contact: 'sip:alice@client.atlanta.example.com' } } } },
    );
    expect(error).toBeUndefined();
    const [invite] = requests('INVITE', 'bill');
    expect(invite?.requestUriText).toBe('sips:alice@client.atlanta.example.com');
    expect(invite?.raw('Require')).toBe('replaces');
  });

  test('C2.16-08 C2.16-12 who watches is told of the ringing, and of its end when somebody else has picked up', async () => {
    const told: string[] = [];
    const { error } = await scene(
      '2.16',
      async (stage) => {
        const [alice, bob, bill] = [stage.phone('alice'), stage.phone('bob'), stage.phone('bill')];
        const watching = stage.person('dave').phone.watch(bob.addressOfRecord);
        const watched = (async () => {
          for await (const { dialogs } of watching)
            told.push(dialogs.map(({ state, event }) => `${state} ${event ?? ''}`).join());
        })();
        await stage.listen();
        await Promise.all([alice.call(bob), bob.ring().then(() => bill.pickUp(bob))]);
        await stage.listen();
        await stage.listen();
        await watching.unsubscribe();
        await watched;
      },
      { others: ['dave'] },
    );
    expect(error).toBeUndefined();
    expect(told[0]).toBe('');
    expect(told.some((each) => each.startsWith('early'))).toBe(true);
    expect(told.find((each) => each.startsWith('terminated'))).toMatch(/^terminated (cancelled|replaced)$/);
  });

  test('C2.16-14 of several phones that ring all stop', async () => {
    const { error, requests, leftOvers } = await scene(
      '2.12',
      async (stage) => {
        const [alice, first, bill] = [stage.person('alice'), stage.person('b1'), stage.person('bill')];
        const rings = ['b1', 'b2', 'b3', 'b4'].map((element) => stage.phone(element).ring());
        const misses = ['b1', 'b2', 'b3', 'b4'].map((element) => stage.phone(element).miss());
        const called = alice.call(stage.party('bob'));
        await Promise.all(rings);
        await bill.pickUp(first);
        await Promise.all([called, ...misses]);
        expect(alice.phone.calls).toEqual([alice.with(bill)]);
        expect(alice.with(bill).state).toBe('connected');
        await bill.hangUp(alice);
      },
      {
        others: ['bill'],
        setting: { settings: { bob: { findMe: { ring: 'together', places: ['bob', 'b2', 'b3', 'b4'] } } } },
      },
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(requests('CANCEL', 'proxy')).toHaveLength(4);
  });
});
