import { describe, expect, test } from 'vitest';
import { scene, talk, wait } from './scene.testing.ts';

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

  test('C3-04 whom a phone does not know it does not call anybody for, and nobody for an address that it does not know', async () => {
    const { error, conversation } = await scene(
      '2.18',
      async (stage) => {
        const [pc, bob, mallory] = [stage.person('pc'), stage.person('bob'), stage.person('mallory')];
        const dial = mallory.phone.dialWith(bob.addressOfRecord, stage.party('carol').addressOfRecord);
        await expect(dial).rejects.toMatchObject({ failure: { status: 403 } });
        await expect(pc.phone.dialWith(bob.addressOfRecord, 'https://example.com/')).rejects.toThrow();
      },
      { others: ['mallory'], permissions: { group: ['pc.biloxi.example.com'], refer: { allow: 'group' } } },
    );
    expect(error).toBeUndefined();
    expect(conversation.messages.filter(({ to }) => to === 'carol')).toEqual([]);
  });

  test('C3-04 CX-14 reports tell the status and nothing more: one at once, then one a second, and the last when it is known', async () => {
    const { error, conversation } = await scene('2.4', async (stage) => {
      const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
      await talk(stage, 'bob', 'alice');
      const answered = carol
        .ring()
        .then(() => wait(stage, 1_500))
        .then(() => carol.answer());
      await Promise.all([alice.transfer(bob, carol), answered]);
      await bob.connected(carol);
    });
    expect(error).toBeUndefined();
    const told = conversation.messages.filter(({ text }) => text.startsWith('NOTIFY '));
    expect(told.map(({ message }) => message?.body)).toEqual([
      'SIP/2.0 100 Trying\r\n',
      'SIP/2.0 180 Ringing\r\n',
      'SIP/2.0 200 OK\r\n',
    ]);
    expect(told.map(({ message }) => message?.raw('Subscription-State')?.split('=')[0])).toEqual([
      'active;expires',
      'active;expires',
      'terminated;reason',
    ]);
    expect(told.at(-1)?.message?.raw('Subscription-State')).toBe('terminated;reason=noresource');
    const accepted = conversation.messages.find(
      ({ message }) => message?.cseqMethod === 'REFER' && 'status' in message,
    );
    const [first = Infinity, second = 0] = told.map(({ time }) => time);
    expect(first - (accepted?.time ?? 0)).toBeLessThan(100);
    expect(second - first).toBeGreaterThanOrEqual(1_000);
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
