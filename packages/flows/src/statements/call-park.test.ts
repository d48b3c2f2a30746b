import { describe, expect, test } from 'vitest';
import { audible, besides, shownByLadder, silent } from './ladder.testing.ts';
import { listen, scene, talk } from './scene.testing.ts';

/** Statements of RFC 5359 2.15. */

const without = (): undefined => undefined;
const setting = { servers: { park: {} } };

describe('RFC 5359 2.15', () => {
  shownByLadder('2.15', [
    ['C2.15-01', 'REFER goes within a dialog', (m) => m.header('F5', 'To', (to) => `${to};tag=server`)],
    ['C2.15-01', 'Refer-To has other tags', (m) => m.header('F5', 'Refer-To', (to) => to.replace('alice.F1', 'other'))],
    [
      'C2.15-01',
      'Refer-To does not require it',
      (m) => m.header('F5', 'Refer-To', (to) => to.replace('&Require=replaces', '')),
    ],
    [
      'C2.15-02',
      'the server replaces another',
      (m) => m.header('F9', 'Replaces', (value) => value.replace('alice.F1', 'other')),
    ],
    [
      'C2.15-02',
      'the server says nothing of itself',
      (m) => m.header('F9', 'Contact', (contact) => contact.replace(/>.*/, '>')),
    ],
    ['C2.15-03', 'the parker hears no BYE', (m) => m.drop('F12', 'F13')],
    ['C2.15-04', 'the report is of a failure', (m) => m.replaceInBody('F14', '200 OK', '603 Decline')],
    ['C2.15-04', 'the report names another dialog', (m) => m.replaceInBody('F14', 'Call-ID: F9', 'Call-ID: F1')],
    ['C2.15-05', 'the subscription goes on', (m) => m.header('F18', 'Subscription-State', () => 'active;expires=60')],
    ['C2.15-05', 'nothing is parked', (m) => m.replaceInBody('F18', 'confirmed', 'terminated')],
    ['C2.15-05', 'the answer does not say for how long', (m) => m.header('F17', 'Expires', without)],
    [
      'C2.15-06',
      'the retriever has other tags',
      (m) => m.header('F20', 'Replaces', (value) => value.replace('alice.F9', 'other')),
    ],
    ['C2.15-06', 'the retriever does not require it', (m) => m.header('F20', 'Require', without)],
    ['C2.15-06', 'the server hears no BYE', (m) => m.drop('F23', 'F24')],
    ['C2.15-07', 'there is no music', silent('park-server', 'alice')],
    ['C2.15-07', 'the music goes on', audible('park-server', 'alice', 'F24')],
    ['C2.15-07', 'the two do not hear each other', silent('alice', 'carol')],
    [
      'C2.15-08',
      'the server sends BYE',
      besides('F23', 100, 'BYE sips:alice@client.atlanta.example.com SIP/2.0', ['park-server', 'alice']),
    ],
    [
      'C2.15-11',
      'the retriever calls the address of record',
      (m) => m.requestUri('F20', 'sips:alice@atlanta.example.com'),
    ],
  ]);

  test('C2.15-09 the parker takes the call back himself by what the last report told him, and asks nobody', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, requests, hears } = await scene(
      '2.15',
      async (stage) => {
        const [alice, bob, server] = [stage.person('alice'), stage.person('bob'), stage.party('park-server')];
        await talk(stage, 'alice', 'bob');
        const parked = await bob.phone.park(bob.with(alice), server.addressOfRecord);
        await bob.ended(alice);
        await stage.listen();
        await bob.phone.retrieve(parked);
        await alice.connected(bob);
        after = await listen(stage);
      },
      { setting },
    );
    expect(error).toBeUndefined();
    expect(requests('SUBSCRIBE')).toEqual([]);
    expect([hears('alice', 'bob', after), hears('bob', 'alice', after)]).toEqual([true, true]);
  });

  test('C2.15-14 a second retrieval fails, and does not disturb the first', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, finals, hears } = await scene(
      '2.15',
      async (stage) => {
        const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.person('carol')];
        const server = stage.party('park-server');
        await talk(stage, 'alice', 'bob');
        const parked = await bob.phone.park(bob.with(alice), server.addressOfRecord);
        await bob.ended(alice);
        await carol.retrieve(server);
        await alice.connected(carol);
        await expect(bob.phone.retrieve(parked)).rejects.toMatchObject({ failure: { kind: 'taken' } });
        await expect(bob.phone.retrieve(server.addressOfRecord)).rejects.toMatchObject({
          failure: { kind: 'no-call' },
        });
        after = await listen(stage);
      },
      { setting },
    );
    expect(error).toBeUndefined();
    expect([481, 603]).toContain(finals('INVITE', 'alice').at(-1));
    expect([hears('alice', 'carol', after), hears('carol', 'alice', after)]).toEqual([true, true]);
  });
});
