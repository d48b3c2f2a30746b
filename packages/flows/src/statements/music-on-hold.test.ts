import { describe, expect, test } from 'vitest';
import type { SimulatedStage } from '../simulation/simulated-stage.ts';
import { audible, besides, shownByLadder, silent } from './ladder.testing.ts';
import { descriptionIn, directionIn, listen, placeOf, scene, talk } from './scene.testing.ts';

/** Statements of RFC 5359 2.3. */

const setting = { servers: { music: {} } };

/** Alice, on hold, hears music. */
async function playToAlice(stage: SimulatedStage): Promise<void> {
  const [alice, bob, server] = [stage.phone('alice'), stage.phone('bob'), stage.party('music-server')];
  await talk(stage, 'alice', 'bob');
  await bob.playMusic(alice, server);
  await alice.connected(server);
}

const without = (): undefined => undefined;

describe('RFC 5359 2.3', () => {
  shownByLadder('2.3', [
    ['C2.3-01', 'the call is not held before', (m) => m.replaceInBody('F5', 'sendonly', 'sendrecv')],
    ['C2.3-01', 'REFER goes within a dialog', (m) => m.header('F8', 'To', (to) => `${to};tag=server`)],
    ['C2.3-01', 'the server is referred before the hold', (m) => m.move('F8', m.draft('F5').time - 5)],
    [
      'C2.3-02',
      'Refer-To has the tags of another dialog',
      (m) => m.header('F8', 'Refer-To', (to) => to.replace('alice.F1', 'other')),
    ],
    [
      'C2.3-02',
      'Refer-To does not require it',
      (m) => m.header('F8', 'Refer-To', (to) => to.replace('&Require=replaces', '')),
    ],
    ['C2.3-02', 'nobody has referred', (m) => m.header('F8', 'Referred-By', without)],
    ['C2.3-03', 'REFER is refused', (m) => m.status('F9', 403)],
    [
      'C2.3-03',
      'the last report leaves the subscription',
      (m) => m.header('F17', 'Subscription-State', () => 'active;expires=60'),
    ],
    [
      'C2.3-04',
      'Replaces names another dialog',
      (m) => m.header('F12', 'Replaces', (value) => value.replace('alice.F1', 'other')),
    ],
    ['C2.3-04', 'Replaces is not required', (m) => m.header('F12', 'Require', without)],
    ['C2.3-04', 'Referred-By is another', (m) => m.header('F12', 'Referred-By', () => '<sips:mallory@example.com>')],
    [
      'C2.3-05',
      'the server says nothing of itself',
      (m) => m.header('F12', 'Contact', (contact) => contact.replace(/>.*/, '>')),
    ],
    ['C2.3-06', 'the replaced dialog is not ended', (m) => m.drop('F15', 'F16')],
    ['C2.3-06', 'no music is heard', silent('music-server', 'alice')],
    ['C2.3-07', 'the last report names another dialog', (m) => m.replaceInBody('F17', 'Call-ID: F12', 'Call-ID: F13')],
    [
      'C2.3-07',
      'another dialog is replaced',
      (m) => m.header('F19', 'Replaces', (value) => value.replace('alice.F12', 'other')),
    ],
    ['C2.3-09', 'it is taken back from the server', (m) => m.requestUri('F19', 'sips:music-server@example.com')],
    ['C2.3-09', 'the two do not hear each other', silent('bob', 'alice')],
    ['C2.3-10', 'the music is not ended', (m) => m.drop('F22', 'F23')],
    ['C2.3-10', 'the music goes on', audible('music-server', 'alice', 'F23')],
    [
      'C2.3-11',
      'the server sends BYE',
      besides('F22', 100, 'BYE sips:alice@client.atlanta.example.com SIP/2.0', ['music-server', 'alice']),
    ],
  ]);

  test('C2.3-12 a stranger who knows the dialog gets nothing by it, for nobody has referred him', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, hears, finals } = await scene(
      '2.3',
      async (stage) => {
        await talk(stage, 'alice', 'bob');
        const place = placeOf(stage, 'bob', 'alice');
        await expect(stage.person('mallory').phone.retrieve(place)).rejects.toMatchObject({ failure: { status: 403 } });
        expect(stage.person('alice').with(stage.party('bob')).state).toBe('connected');
        after = await listen(stage);
      },
      { setting, others: ['mallory'], permissions: { group: [] } },
    );
    expect(error).toBeUndefined();
    expect([hears('bob', 'alice', after), hears('alice', 'bob', after)]).toEqual([true, true]);
    expect(finals('BYE', 'bob')).toEqual([]);
  });

  test('C2.3-12 the server takes his place, for he has referred it and nobody else was to let it', async () => {
    const { error } = await scene('2.3', playToAlice, { setting, permissions: { group: [] } });
    expect(error).toBeUndefined();
  });

  test('C2.3-13 who hangs up while she hears music cannot be taken back: the music is over', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, finals, requests, sends, leftOvers } = await scene(
      '2.3',
      async (stage) => {
        const [alice, bob, server] = [stage.person('alice'), stage.phone('bob'), stage.party('music-server')];
        await playToAlice(stage);
        await alice.hangUp(server);
        await expect(bob.resume(alice)).rejects.toThrow();
        after = await listen(stage);
      },
      { setting },
    );
    expect(error).toBeUndefined();
    expect(sends('music-server', 'alice', after)).toBe(false);
    expect(requests('INVITE', 'bob').filter((request) => request.has('Replaces'))).toHaveLength(1);
    expect([481, 603]).toContain(finals('INVITE', 'alice').at(-1));
    expect(leftOvers.filter((each) => !each.includes('calls instead of'))).toEqual([]);
  });

  test('C2.3-14 taking back offers a session that is not the one from before', async () => {
    const { error, requests, conversation } = await scene(
      '2.3',
      async (stage) => {
        await playToAlice(stage);
        await stage.phone('bob').resume(stage.phone('alice'));
      },
      { setting },
    );
    expect(error).toBeUndefined();
    const back = requests('INVITE', 'bob').find((request) => request.has('Replaces'));
    expect(directionIn(back)).toBe('sendrecv');
    const before = conversation.messages.find(({ from, message }) => from === 'bob' && message?.body.startsWith('v=0'));
    expect(descriptionIn(back).sessionId).not.toBe(descriptionIn(before?.message).sessionId);
  });
});
