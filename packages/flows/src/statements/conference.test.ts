import type { Conference } from '@switchhook/phone';
import { Join } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { shownByLadder } from './ladder.testing.ts';
import { listen, scene, talk, wait } from './scene.testing.ts';
import type { Mutation } from '../checker/mutation.testing.ts';
import type { Person } from '../stage/person.ts';

/** Statements of RFC 5359 2.10 and 2.11. */

const plain = (contact: string): string => contact.replace(';isfocus', '');
const elsewhere = (): string => '<sips:other@client.biloxi.example.com>;isfocus';

/** Somebody does not hear another. */
function deaf(who: string, source: string): (conversation: Mutation) => void {
  return ({ conversation }) => {
    conversation.heard = conversation.heard.filter((each) => each.at !== who || each.source !== source);
  };
}

describe('RFC 5359 2.10', () => {
  shownByLadder('2.10', [
    ['C2.10-01', 'the Contact is that of a call of two', (m) => m.header('F5', 'Contact', plain)],
    ['C2.10-02', 'the third is given another Contact', (m) => m.header('F8', 'Contact', elsewhere)],
    ['C2.10-02', 'the third is told of no focus', (m) => m.header('F8', 'Contact', plain)],
    ['C2.10-03', 'the third is not heard', deaf('alice', 'carol')],
    [
      'C2.10-03',
      'somebody hears himself',
      (m) => m.conversation.heard.push({ at: 'alice', source: 'alice', start: 1_500, end: 4_000 }),
    ],
  ]);

  test('C2.10-04 C2.10-09 the third rings, and who hangs up says so at the Contact of the conference', async () => {
    const { error, requests, conversation } = await scene('2.10', async (stage) => {
      const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
      await talk(stage, 'alice', 'bob');
      await Promise.all([bob.addToCall(alice, carol), carol.answer()]);
      await alice.hangUp(bob);
    });
    expect(error).toBeUndefined();
    const [ringing] = conversation.messages.filter(({ from, to }) => from === 'carol' && to === 'bob');
    expect(ringing?.text).toMatch(/^SIP\/2\.0 180 /);
    const focus = requests('INVITE', 'bob').find((request) => request.raw('Contact')?.includes('isfocus'));
    const [bye] = requests('BYE', 'alice');
    expect(focus?.raw('Contact')).toContain(`<${bye?.requestUriText ?? ''}>`);
  });

  test('C2.10-05 C2.10-06 the first may be held, and told of the conference when the third has answered', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, hears, conversation } = await scene('2.10', async (stage) => {
      const [alice, bob, carol] = [stage.party('alice'), stage.person('bob'), stage.party('carol')];
      await talk(stage, 'alice', 'bob');
      await bob.hold(alice);
      await talk(stage, 'bob', 'carol');
      await bob.phone.conference([bob.with(alice), bob.with(carol)]);
      after = await listen(stage);
    });
    expect(error).toBeUndefined();
    for (const [at, source] of [
      ['alice', 'bob'],
      ['alice', 'carol'],
      ['carol', 'alice'],
      ['carol', 'bob'],
      ['bob', 'alice'],
    ] as const) {
      expect(hears(at, source, after), `${at} hears ${source}`).toBe(true);
    }
    expect([hears('alice', 'alice', after), hears('carol', 'carol', after)]).toEqual([false, false]);
    const told = conversation.messages.find(({ to, text }) => to === 'alice' && text.includes(';isfocus'));
    const answered = conversation.messages.find(({ from, text }) => from === 'carol' && text.startsWith('SIP/2.0 200'));
    expect(told?.time ?? 0).toBeGreaterThan(answered?.time ?? Infinity);
  });
});

describe('RFC 5359 2.11', () => {
  shownByLadder('2.11', [
    ['C2.11-01', 'Join has other tags', (m) => m.header('F5', 'Join', (value) => value.replace('bob.F1', 'other'))],
    ['C2.11-01', 'there is no Join', (m) => m.header('F5', 'Join', () => undefined)],
    ['C2.11-02', 'the third is let in elsewhere', (m) => m.header('F10', 'Contact', elsewhere)],
    ['C2.11-03', 'the third is not heard', deaf('alice', 'carol')],
    ['C2.11-04', 'the other is told of no focus', (m) => m.header('F7', 'Contact', plain)],
    ['C2.11-04', 'the third is told of no focus', (m) => m.header('F10', 'Contact', plain)],
    ['C2.11-09', 'Supported has no join', (m) => m.header('F3', 'Supported', () => 'replaces')],
  ]);

  test('C2.11-05 the joiner has learned of the dialog from a NOTIFY, and turns its tags into those of Join', async () => {
    const { error, requests, conversation } = await scene('2.11', async (stage) => {
      await talk(stage, 'alice', 'bob');
      await stage.phone('carol').join(stage.party('bob'));
    });
    expect(error).toBeUndefined();
    const [subscribe] = requests('SUBSCRIBE', 'carol');
    expect(subscribe?.raw('Event')).toBe('dialog');
    const document = requests('NOTIFY', 'bob')[0]?.body ?? '';
    const attribute = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(document)?.[1];
    const join = requests('INVITE', 'carol')[0]?.get(Join);
    expect(join).toMatchObject({
      callId: attribute('call-id'),
      toTag: attribute('local-tag'),
      fromTag: attribute('remote-tag'),
    });
    const first = (method: string): number =>
      conversation.messages.findIndex(({ from, text }) => from === 'carol' && text.startsWith(method));
    expect(first('SUBSCRIBE')).toBeLessThan(first('INVITE'));
  });
});

test('through an exchange each conference of a telephone is called and watched at its own address, which is a GRUU (RFC 4579 4.2)', async () => {
  const { error, leftOvers, requests } = await scene('2.12', async (stage) => {
    const [focus, second, third, fourth] = ['b1', 'b2', 'b3', 'b4'].map((name) => stage.person(name));
    if (focus === undefined || second === undefined || third === undefined || fourth === undefined) return;
    const meets = async (other: Person): Promise<Conference> => {
      await Promise.all([focus.phone.call(other.addressOfRecord), other.answer()]);
      return focus.phone.conference(focus.phone.calls.slice(-1));
    };
    const one = await meets(second);
    const other = await meets(third);
    expect(one.uri).toContain(';gr=');
    const called = await fourth.phone.call(other.uri ?? '');
    expect([one, other].map(({ roster }) => roster.length)).toEqual([1, 2]);
    const watched = fourth.phone.watchConference(called.focus ?? '');
    await wait(stage, 1_000);
    expect(watched.latest).toMatchObject({ entity: other.uri, users: [{}, {}] });
    await other.end();
    await expect(fourth.phone.call(other.uri ?? '')).rejects.toMatchObject({ failure: { status: 404 } });
    expect((await watched.ended).kind).toBe('terminated');
    await one.end();
  });
  expect([error, leftOvers]).toEqual([undefined, []]);
  // Everybody else is told nothing that he has no use for.
  const told = requests('INVITE', 'proxy').filter((request) => request.has('History-Info'));
  expect(told.map((request) => request.rawAll('History-Info').length)).toEqual([2, 2]);
});
