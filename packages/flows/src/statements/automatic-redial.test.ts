import { describe, expect, test } from 'vitest';
import { besides, shownByLadder } from './ladder.testing.ts';
import { scene } from './scene.testing.ts';
import { automaticRedial } from '../flow/automatic-redial.ts';

/** Statements of RFC 5359 2.17. */

describe('RFC 5359 2.17', () => {
  shownByLadder('2.17', [
    ['C2.17-01', 'something else is watched', (m) => m.header('F4', 'Event', () => 'presence')],
    ['C2.17-01', 'nothing is watched', (m) => m.drop('F4', 'F5', 'F6', 'F7')],
    ['C2.17-02', 'it is dialled at once', (m) => m.move('F10', m.draft('F4').time + 3)],
    ['C2.17-03', 'he is never said to be free', (m) => m.replaceInBody('F8', 'terminated', 'confirmed')],
    ['C2.17-04', 'nobody is called again', (m) => m.drop('F10', 'F11', 'F12', 'F13')],
    ['C2.17-05', 'the subscription is not given up', (m) => m.drop('F16', 'F17', 'F18', 'F19')],
    ['C2.17-05', 'it asks for more time', (m) => m.header('F16', 'Expires', () => '3600')],
    ['C2.17-05', 'the last NOTIFY leaves it', (m) => m.header('F18', 'Subscription-State', () => 'active;expires=60')],
    ['C2.17-07', 'the answer does not say for how long', (m) => m.header('F5', 'Expires', () => undefined)],
    ['C2.17-07', 'a NOTIFY does not say for how long', (m) => m.header('F8', 'Subscription-State', () => 'active')],
    ['C2.17-08', 'the version stands still', (m) => m.replaceInBody('F8', 'version="1"', 'version="0"')],
    ['C2.17-10', 'the new call has the id of the old one', (m) => m.replaceInBody('F14', 'id="d2"', 'id="d0"')],
    [
      'C2.17-13',
      'the call ends with the subscription',
      (m) => besides('F13', 1_400, 'BYE sips:bob@client.biloxi.example.com SIP/2.0')(m),
    ],
  ]);

  test('C2.17-02 C2.17-04 C2.17-07 the first NOTIFY tells a call, his own call is another one than the first, and what is left of the time counts down', async () => {
    const { error, requests } = await scene('2.17', (stage) => automaticRedial.play(stage), {
      others: ['dave'],
      permissions: automaticRedial.permissions,
    });
    expect(error).toBeUndefined();
    const calls = requests('INVITE', 'alice');
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(2);
    expect(new Set(calls.map(({ fromTag }) => fromTag)).size).toBe(2);
    expect(requests('NOTIFY', 'bob')[0]?.body).toMatch(/<state[^>]*>confirmed</);
    const left = requests('NOTIFY', 'bob').map((notify) =>
      Number(/expires=(\d+)/.exec(notify.raw('Subscription-State') ?? '')?.[1] ?? 0),
    );
    expect(left.length).toBeGreaterThan(3);
    expect(left).toEqual([...left].sort((one, other) => other - one));
    expect(left[0] ?? 0).toBeGreaterThan(left[1] ?? 0);
  });
});
