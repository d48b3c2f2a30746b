import { describe, expect, test } from 'vitest';
import { incomingCallScreening, outgoingCallScreening } from '../flow/call-screening.ts';
import { audible, besides, shownByLadder, silent } from './ladder.testing.ts';
import { scene } from './scene.testing.ts';

/** Statements of RFC 5359 2.13 and 2.14. */

const without = (): undefined => undefined;

describe('RFC 5359 2.13', () => {
  const { setting, phones } = incomingCallScreening;

  shownByLadder('2.13', [
    ['C2.13-01', 'the phone takes the call', (m) => m.status('F2', 200)],
    [
      'C2.13-01',
      'the 305 names another proxy',
      (m) => m.header('F2', 'Contact', () => '<sips:elsewhere.example.com;lr>'),
    ],
    ['C2.13-02', 'the call does not come by the proxy', (m) => m.header('F4', 'Route', without)],
    ['C2.13-02', 'the route is a strict one', (m) => m.header('F4', 'Route', () => '<sips:ss1.example.com>')],
    ['C2.13-02', 'the Request-URI is another', (m) => m.requestUri('F4', 'sips:carol@chicago.example.com')],
    [
      'C2.13-02',
      'the number is the same',
      (m) => m.header('F4', 'CSeq', () => m.draft('F1').headers.find(([name]) => name === 'CSeq')?.[1]),
    ],
    ['C2.13-02', 'the branch is the same', (m) => m.header('F4', 'Via', (via) => via.replace('F4', 'F1'))],
    ['C2.13-03', 'a From without credentials is believed', (m) => m.header('F7', 'Proxy-Authorization', without)],
    [
      'C2.13-04',
      'the challenge lacks qop',
      (m) => m.header('F5', 'Proxy-Authenticate', (value) => value.replace(' qop="auth",', '')),
    ],
    [
      'C2.13-04',
      'the credentials are for another challenge',
      (m) => m.header('F7', 'Proxy-Authorization', (value) => value.replace('nonce="F5"', 'nonce="F9"')),
    ],
    ['C2.13-05', 'it is not said where to hear why', (m) => m.header('F8', 'Error-Info', without)],
    ['C2.13-05', 'the call reaches him', (m) => m.repeat('F7', 5, (copy) => (copy.to = 'bob'))],
    ['C2.13-07', 'another address is called', (m) => m.requestUri('F10', 'sips:nobody@ms.example.com')],
    [
      'C2.13-09',
      'the server says nothing of itself',
      (m) => m.header('F11', 'Contact', (contact) => contact.replace(/>.*/, '>')),
    ],
    [
      'C2.13-09',
      'the server says that it never hangs up',
      (m) => m.header('F11', 'Contact', (contact) => `${contact};+sip.byeless`),
    ],
    ['C2.13-10', 'nothing is heard', silent('announcement-server', 'alice')],
    ['C2.13-10', 'the server does not hang up', (m) => m.drop('F13', 'F14')],
    ['C2.13-10', 'the server plays on', audible('announcement-server', 'alice', 'F14')],
    [
      'C2.13-11',
      'the ACK of the 305 is of another transaction',
      (m) => m.header('F3', 'Via', (via) => via.replace('F1', 'F3')),
    ],
    ['C2.13-11', 'the ACK of the 407 goes past the proxy', (m) => m.header('F6', 'Route', without)],
    ['C2.13-11', 'the ACK of the 403 has another Request-URI', (m) => m.requestUri('F9', 'sips:x@biloxi.example.com')],
  ]);

  test('C2.13-01 C2.13-06 C2.13-13 who is on no list is sent to the proxy by the phone, and put through by it', async () => {
    const { error, conversation, finals } = await scene(
      '2.13',
      async (stage) => {
        const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
        await Promise.all([alice.call(bob), bob.answer()]);
        await stage.listen();
        await alice.hangUp(bob);
      },
      { setting: { ...setting, settings: { bob: { screening: { incoming: { deny: ['mallory'] } } } } }, phones },
    );
    expect(error).toBeUndefined();
    expect(finals('INVITE', 'bob')).toEqual([305, 200]);
    expect(finals('INVITE', 'proxy')).not.toContain(305);
    const invites = conversation.messages.filter(({ to, text }) => to === 'bob' && text.startsWith('INVITE'));
    expect(invites.map(({ from }) => from)).toEqual(['alice', 'proxy']);
  });

  test('C2.13-13 what one call was told of a proxy is forgotten by the next, and nobody but the phone tells it', async () => {
    const { error, conversation } = await scene(
      '2.13',
      async (stage) => {
        const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
        for (let call = 1; call <= 2; call += 1) {
          await Promise.all([alice.call(bob), bob.answer()]);
          await alice.hangUp(bob);
        }
      },
      { setting: { ...setting, settings: { bob: { screening: { incoming: { deny: ['mallory'] } } } } }, phones },
    );
    expect(error).toBeUndefined();
    const invites = conversation.messages.filter(({ to, text }) => to === 'bob' && text.startsWith('INVITE'));
    expect(invites.map(({ from }) => from)).toEqual(['alice', 'proxy', 'alice', 'proxy']);
    const told = conversation.messages.filter(({ text }) => text.startsWith('SIP/2.0 305'));
    expect(told.map(({ from, to }) => `${from} ${to}`)).toEqual(['bob alice', 'bob alice']);
  });

  test('C2.13-08 a phone may just say that it is not allowed, and call no announcement', async () => {
    const { error, conversation } = await scene(
      '2.13',
      async (stage) => {
        const alice = stage.person('alice');
        await expect(alice.phone.call(stage.party('bob').addressOfRecord)).rejects.toMatchObject({
          failure: { kind: 'forbidden', announcement: expect.any(String) as string },
        });
        await stage.listen();
      },
      { setting, phones },
    );
    expect(error).toBeUndefined();
    expect(conversation.messages.filter(({ to }) => to === 'announcement-server')).toEqual([]);
  });
});

describe('RFC 5359 2.14', () => {
  const { setting } = outgoingCallScreening;

  shownByLadder('2.14', [
    ['C2.14-01', 'it is not said where to hear why', (m) => m.header('F5', 'Error-Info', without)],
    [
      'C2.14-01',
      'he is called all the same',
      besides('F4', 5, 'INVITE sips:bob@biloxi.example.com SIP/2.0', ['proxy', 'bob']),
    ],
    ['C2.14-02', 'nobody is asked for credentials', (m) => m.drop('F2', 'F3')],
    [
      'C2.14-02',
      'the challenge lacks qop',
      (m) => m.header('F2', 'Proxy-Authenticate', (value) => value.replace(' qop="auth",', '')),
    ],
  ]);

  test('C2.14-03 calls to others go through', async () => {
    const { error } = await scene(
      '2.14',
      async (stage) => {
        const [alice, bob] = [stage.phone('alice'), stage.phone('bob')];
        await Promise.all([alice.call(bob), bob.answer()]);
        await alice.hangUp(bob);
      },
      {
        setting: {
          ...setting,
          settings: { alice: { screening: { outgoing: { deny: ['carol@chicago.example.com'] } } } },
        },
      },
    );
    expect(error).toBeUndefined();
  });

  test('C2.14-04 the caller can hear why at the address that the refusal gives', async () => {
    let heard: readonly [number, number] = [0, 0];
    const { error, reached, sends } = await scene(
      '2.14',
      async (stage) => {
        const alice = stage.person('alice');
        await alice.findsForbidden(stage.party('bob'));
        const start = stage.clock.now();
        const end = alice.phone.log.entries[0]?.end;
        const why = end?.kind === 'failed' ? end.failure.announcement : undefined;
        const call = await alice.phone.call(why ?? '');
        await stage.listen();
        heard = [start, stage.clock.now()];
        await call.hangUp();
      },
      { setting },
    );
    expect(error).toBeUndefined();
    expect(sends('proxy', 'alice', heard)).toBe(true);
    expect(reached('INVITE')).not.toContain('bob');
  });
});
