import { describe, expect, test } from 'vitest';
import { scene, talk } from './scene.testing.ts';

/** Statements of RFC 5359 3. */

const stranger = { others: ['mallory'], permissions: { group: ['bill@biloxi.example.com'] } };

describe('RFC 5359 3', () => {
  test('C3-01 C3-02 C3-03 who is of the group sees the dialog and takes it; a stranger sees and gets nothing', async () => {
    const { error, requests } = await scene(
      '2.16',
      async (stage) => {
        const [alice, bob, bill] = [stage.phone('alice'), stage.person('bob'), stage.person('bill')];
        const mallory = stage.person('mallory');
        const called = alice.call(bob);
        await bob.ring();
        await expect(mallory.phone.pickUp(bob.addressOfRecord)).rejects.toMatchObject({ failure: { status: 403 } });
        await expect(mallory.phone.join(bob.addressOfRecord)).rejects.toMatchObject({ failure: { status: 403 } });
        await Promise.all([bill.pickUp(bob), called]);
        await alice.connected(bill);
      },
      stranger,
    );
    expect(error).toBeUndefined();
    const told = requests('NOTIFY', 'bob');
    expect(told.length).toBeGreaterThan(0);
    for (const notify of told) expect(notify.requestUriText).toContain('bill@');
  });

  test('C3-02 whoever only says that he is of the group is a stranger', async () => {
    const { error, finals } = await scene(
      '2.16',
      async (stage) => {
        const [alice, bob, bill] = [stage.person('alice'), stage.person('bob'), stage.person('bill')];
        await talk(stage, 'alice', 'bob');
        await expect(bill.phone.pickUp(bob.addressOfRecord, { evenAnswered: true })).rejects.toMatchObject({
          failure: { status: 403 },
        });
        expect(alice.with(bob).state).toBe('connected');
      },
      // Without certificates nobody proves who he is.
      { protocol: 'UDP', permissions: { group: ['bill@biloxi.example.com'], identity: 'proved' } },
    );
    expect(error).toBeUndefined();
    expect(finals('SUBSCRIBE', 'bob')).toEqual([403]);
  });

  test('C3-07 with sips, what is told of dialogs goes over TLS, to who has proved who he is, and to nobody else', async () => {
    const { error, conversation } = await scene(
      '2.16',
      async (stage) => {
        const [alice, bob, bill] = [stage.phone('alice'), stage.phone('bob'), stage.phone('bill')];
        await Promise.all([alice.call(bob), bob.ring().then(() => bill.pickUp(bob))]);
      },
      stranger,
    );
    expect(error).toBeUndefined();
    const told = conversation.messages.filter(({ text }) => text.includes('<dialog-info'));
    expect(told.map(({ from, to, protocol }) => `${from} ${to} ${protocol}`)).toEqual(['bob bill TLS']);
  });
});
