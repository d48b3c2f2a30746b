import { describe, expect, test } from 'vitest';
import { findMe } from '../flow/find-me.ts';
import type { SimulationOptions } from '../simulation/simulation-options.ts';
import { besides, shownByLadder } from './ladder.testing.ts';
import { listen, scene, wait } from './scene.testing.ts';

/** Statements of RFC 5359 2.12. */

const places = ['b1', 'b2', 'b3', 'b4'];
const together: SimulationOptions = {
  setting: { settings: { bob: { findMe: { ring: 'together', places: ['bob', 'b2', 'b3', 'b4'] } } } },
};

describe('RFC 5359 2.12', () => {
  shownByLadder('2.12', [
    ['C2.12-01', 'the second place is tried while the first rings', (m) => m.move('F10', m.draft('F5').time + 1)],
    ['C2.12-01', 'the third place is not tried', (m) => m.drop('F13', 'F14', 'F15')],
    ['C2.12-02', 'a place is tried after somebody has answered', (m) => m.move('F13', m.draft('F19').time + 50)],
    ['C2.12-04', 'the caller hears that one is not there', besides('F5', 90, 'SIP/2.0 480 Temporarily Unavailable')],
    ['C2.12-04', 'the caller hears that one is busy', besides('F5', 90, 'SIP/2.0 486 Busy Here')],
    ['C2.12-07', 'BYE goes past the proxy', (m) => m.header('F23', 'Route', () => undefined)],
    ['C2.12-07', 'the caller hears no BYE', (m) => m.drop('F24', 'F25', 'F26')],
    [
      'C2.12-08',
      'the branch is that of another place',
      (m) => m.header('F10', 'Via', (via) => via.replace('F10', 'F2')),
    ],
    ['C2.12-08', 'the number is another', (m) => m.header('F13', 'CSeq', () => '99 INVITE')],
    ['C2.12-08', 'To is another', (m) => m.header('F16', 'To', () => '<sips:b4@biloxi.example.com>')],
    ['C2.12-08', 'the body is another', (m) => m.replaceInBody('F16', 'sendrecv', 'sendonly')],
  ]);

  test('C2.12-05 all places at once: the first that answers has the call, and the others stop ringing', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, requests, finals, hears, leftOvers, conversation } = await scene(
      '2.12',
      async (stage) => {
        const [alice, bob, third] = [stage.phone('alice'), stage.party('bob'), stage.phone('b3')];
        const others = places.filter((place) => place !== 'b3').map((place) => stage.phone(place).miss());
        await Promise.all([alice.call(bob), third.answer(), ...others]);
        after = await listen(stage);
        await third.hangUp(alice);
      },
      together,
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(requests('CANCEL', 'proxy')).toHaveLength(3);
    expect(places.map((place) => finals('INVITE', place))).toEqual([[487], [487], [200], [487]]);
    const dialogs = conversation.messages
      .filter(({ to, message }) => to === 'alice' && message?.cseqMethod === 'INVITE' && message.toTag !== undefined)
      .filter(({ text }) => text.startsWith('SIP/2.0 180'))
      .map(({ message }) => message?.toTag);
    expect(new Set(dialogs).size).toBe(4);
    expect([hears('alice', 'b3', after), hears('b3', 'alice', after)]).toEqual([true, true]);
  });

  test.each([
    ['one after the other', { setting: findMe.setting }],
    ['at once', together],
  ])('C2.12-06 nobody is found, %s: the caller gets one answer, the best', async (_, options) => {
    const { error, finals } = await scene(
      '2.12',
      async (stage) => {
        for (const [place, as] of [
          ['b1', 'unavailable'],
          ['b2', 'busy'],
          ['b3', 'unavailable'],
          ['b4', 'unavailable'],
        ] as const) {
          await stage.phone(place).refuseCalls(as);
        }
        await expect(stage.phone('alice').call(stage.party('bob'))).rejects.toMatchObject({
          failure: { status: expect.toSatisfy((status) => status === 480 || status === 486) as number },
        });
      },
      options,
    );
    expect(error).toBeUndefined();
    expect(finals('INVITE', 'proxy').filter((status) => status !== 407)).toHaveLength(1);
  });

  test('C2.12-10 the caller gives up while the fourth place rings or the first: the search stops', async () => {
    for (const element of ['b1', 'b4']) {
      const { error, requests, finals, leftOvers, reached } = await scene(
        '2.12',
        async (stage) => {
          await stage.phone('b2').refuseCalls('unavailable');
          await stage.phone('b3').refuseCalls('busy');
          const call = stage.person('alice').phone.dial(stage.party('bob').addressOfRecord);
          await stage.phone(element).ring();
          await Promise.all([call.hangUp(), stage.phone(element).miss()]);
          await wait(stage, 20_000);
        },
        { setting: findMe.setting },
      );
      expect([error, leftOvers]).toEqual([undefined, []]);
      expect(requests('CANCEL', 'alice')).toHaveLength(1);
      expect(finals('CANCEL', 'proxy')).toEqual([200]);
      expect(finals('INVITE', 'proxy').at(-1)).toBe(487);
      expect(reached('INVITE', 'proxy').at(-1)).toBe(element);
    }
  });
});
