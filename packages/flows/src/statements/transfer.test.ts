import { describe, expect, test } from 'vitest';
import type { SimulatedStage } from '../simulation/simulated-stage.ts';
import { audible, shownByLadder, silent } from './ladder.testing.ts';
import { listen, placeOf, scene, talk } from './scene.testing.ts';

/** Statements of RFC 5359 2.4, 2.5 and 2.6. */

const without = (): undefined => undefined;

describe('RFC 5359 2.4', () => {
  shownByLadder('2.4', [
    ['C2.4-01', 'the one who transfers was not called', (m) => m.requestUri('F1', 'sips:carol@chicago.example.com')],
    ['C2.4-02', 'Refer-To is another', (m) => m.header('F5', 'Refer-To', () => '<sips:dave@chicago.example.com>')],
    ['C2.4-02', 'nobody has referred', (m) => m.header('F5', 'Referred-By', without)],
    ['C2.4-02', 'REFER is refused', (m) => m.status('F6', 603)],
    ['C2.4-03', 'the report is of something else', (m) => m.header('F7', 'Event', () => 'presence')],
    ['C2.4-03', 'the report is no report', (m) => m.header('F7', 'Content-Type', () => 'text/plain')],
    ['C2.4-04', 'the transferor stays', (m) => m.drop('F9', 'F10')],
    ['C2.4-04', 'the transferor is still heard', audible('alice', 'bob', 'F10')],
    ['C2.4-05', 'nobody has referred the new call', (m) => m.header('F11', 'Referred-By', without)],
    ['C2.4-05', 'the new call takes the place of another', (m) => m.add('F11', 'Replaces', 'a;to-tag=b;from-tag=c')],
    ['C2.4-05', 'the offer is one way', (m) => m.replaceInBody('F11', 'sendrecv', 'sendonly')],
    [
      'C2.4-06',
      'the last report comes in another dialog',
      (m) => m.header('F15', 'To', (to) => to.replace(/tag=.*/, 'tag=x')),
    ],
    ['C2.4-06', 'the last report has an old number', (m) => m.header('F15', 'CSeq', () => '1 NOTIFY')],
    ['C2.4-06', 'the last report is refused', (m) => m.status('F16', 481)],
  ]);

  test('C2.4-09 C2.4-12 a transferor who is gone before the last report does not matter to the call', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, hears } = await scene('2.4', async (stage) => {
      const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.person('carol')];
      await talk(stage, 'bob', 'alice');
      const transferred = alice.transfer(bob, carol).catch(() => undefined);
      await carol.ring();
      await alice.phone.stop();
      await Promise.all([carol.answer(), transferred]);
      await bob.connected(carol);
      after = await listen(stage);
    });
    expect(error).toBeUndefined();
    expect([hears('bob', 'carol', after), hears('carol', 'bob', after)]).toEqual([true, true]);
  });

  test('C2.4-14 who was called by sips is not sent to sip', async () => {
    const { error, requests } = await scene('2.4', async (stage) => {
      const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.party('carol')];
      await talk(stage, 'bob', 'alice');
      const less = carol.addressOfRecord.replace('sips:', 'sip:');
      await expect(alice.with(bob).transfer(less)).rejects.toMatchObject({ failure: { kind: 'forbidden' } });
      expect(alice.with(bob).state).toBe('connected');
    });
    expect(error).toBeUndefined();
    expect(requests('REFER')).toEqual([]);
  });
});

/** Bob talks to Alice, and asks Carol. */
async function consult(stage: SimulatedStage): Promise<void> {
  await talk(stage, 'alice', 'bob');
  await talk(stage, 'bob', 'carol');
}

describe('RFC 5359 2.5', () => {
  shownByLadder('2.5', [
    ['C2.5-01', 'the target is asked before the hold', (m) => m.move('F8', m.draft('F5').time - 5)],
    ['C2.5-01', 'the target is not held', (m) => m.drop('F12', 'F13', 'F14')],
    ['C2.5-02', 'Refer-To has other tags', (m) => m.header('F15', 'Refer-To', (to) => to.replace('carol.F8', 'other'))],
    [
      'C2.5-02',
      'Refer-To does not require it',
      (m) => m.header('F15', 'Refer-To', (to) => to.replace('&Require=replaces', '')),
    ],
    [
      'C2.5-03',
      'Refer-To is the address',
      (m) => m.header('F15', 'Refer-To', (to) => to.replace(/<[^?]*/, '<sips:carol@chicago.example.com')),
    ],
    ['C2.5-04', 'Replaces is not required', (m) => m.header('F19', 'Require', without)],
    [
      'C2.5-04',
      'Replaces has other tags',
      (m) => m.header('F19', 'Replaces', (value) => value.replace('bob.F8', 'other')),
    ],
    ['C2.5-04', 'nobody has referred', (m) => m.header('F19', 'Referred-By', without)],
    ['C2.5-05', 'the target does not hang up', (m) => m.drop('F22', 'F23')],
    ['C2.5-06', 'the report is of a failure', (m) => m.replaceInBody('F24', '200 OK', '603 Decline')],
    ['C2.5-06', 'the transferor does not hang up', (m) => m.drop('F26', 'F27')],
    ['C2.5-07', 'the two do not hear each other', silent('carol', 'alice')],
    ['C2.5-07', 'the transferor is still heard', audible('bob', 'alice', 'F27')],
    [
      'C2.5-08',
      'the Contact is no GRUU',
      (m) => m.header('F10', 'Contact', () => '<sips:carol@client.chicago.example.com>'),
    ],
    [
      'C2.5-14',
      'the hold is of another session',
      (m) => m.replaceInBody('F12', '18446744073709551000', '18446744073709551001'),
    ],
  ]);

  test('C2.5-09 where the Contact leads nowhere, a second REFER sends him to the address that was called', async () => {
    const { error, requests, conversation, leftOvers } = await scene(
      '2.5',
      async (stage) => {
        const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.person('carol')];
        await consult(stage);
        await bob.transferTo(alice, carol);
        await Promise.all([alice.connected(carol), carol.connected(alice)]);
      },
      { parts: { carol: { settings: { contact: 'sip:carol@nowhere.example.com;gr' } } } },
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    const refers = requests('REFER', 'bob');
    expect(refers.map((refer) => /<([^?]*)/.exec(refer.raw('Refer-To') ?? '')?.[1])).toEqual([
      'sips:carol@nowhere.example.com;gr',
      'sips:carol@chicago.example.com',
    ]);
    expect(refers[1]?.raw('Refer-To')).toContain('Require=replaces');
    const told = requests('NOTIFY', 'alice').map(({ body }) => body.slice(8, 11));
    expect(told).toEqual(['100', expect.stringMatching(/^[45]/), '100', '200']);
    expect(conversation.messages.some(({ from, text }) => from === 'alice' && text.includes('\r\nReplaces:'))).toBe(
      true,
    );
  });

  test('C2.5-10 sent to the address first and then to the Contact, as some do, he comes there as well', async () => {
    const { error, requests, finals, leftOvers } = await scene(
      '2.5',
      async (stage) => {
        const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.person('carol')];
        await talk(stage, 'alice', 'bob');
        await Promise.all([bob.phone.call('sips:carol@client.chicago.example.com'), carol.answer()]);
        const { dialog } = placeOf(stage, 'bob', 'carol');
        const replaces = `${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`;
        const headers = `?Replaces=${encodeURIComponent(replaces)}&Require=replaces`;
        const call = bob.with(alice);
        await expect(call.transfer(`${carol.addressOfRecord}${headers}`, { stay: true })).rejects.toThrow();
        await call.transfer(`sips:carol@client.chicago.example.com${headers}`, { stay: true });
        await Promise.all([alice.connected(carol), bob.ended(alice), bob.ended(carol)]);
      },
      { parts: { carol: { settings: { addressOfRecord: 'sips:carol@nowhere.example.com' } } } },
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    const told = requests('NOTIFY', 'alice').map(({ body }) => body.slice(8, 11));
    expect(told).toEqual(['100', expect.stringMatching(/^[45]/), '100', '200']);
    expect(finals('INVITE', 'carol')).toEqual([200, 200]);
  });
});

describe('RFC 5359 2.6', () => {
  shownByLadder('2.6', [
    ['C2.6-01', 'the text has other tags', (m) => m.replaceInBody('F5', 'alice.F1', 'other')],
    ['C2.6-01', 'the text does not require it', (m) => m.replaceInBody('F5', '&Require=replaces', '')],
    ['C2.6-01', 'the text is not escaped', (m) => m.replaceInBody('F5', '%40', '@')],
    [
      'C2.6-02',
      'Replaces has other tags',
      (m) => m.header('F7', 'Replaces', (value) => value.replace('bob.F1', 'other')),
    ],
    ['C2.6-02', 'Replaces is not required', (m) => m.header('F7', 'Require', without)],
    ['C2.6-03', 'the one who is replaced hears no BYE', (m) => m.drop('F10', 'F11')],
    ['C2.6-04', 'the new one is not heard', silent('carol', 'alice')],
    ['C2.6-04', 'the old one is still heard', audible('bob', 'alice', 'F11')],
    ['C2.6-07', 'MESSAGE has a Contact', (m) => m.add('F5', 'Contact', '<sips:bob@client.biloxi.example.com>')],
    ['C2.6-07', 'its answer has a Contact', (m) => m.add('F6', 'Contact', '<sips:carol@client.chicago.example.com>')],
    [
      'C2.6-08',
      'wrong tags are accepted',
      (m) => m.header('F7', 'Replaces', (value) => value.replace('bob.F1', 'other')),
    ],
  ]);

  test('C2.6-05 told in any other way, the address does the same', async () => {
    const { error, requests } = await scene('2.6', async (stage) => {
      const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.person('carol')];
      await talk(stage, 'alice', 'bob');
      await carol.phone.retrieve(placeOf(stage, 'bob', 'alice'));
      await Promise.all([alice.connected(carol), bob.ended(alice)]);
      await stage.listen();
    });
    expect(error).toBeUndefined();
    expect(requests('MESSAGE')).toEqual([]);
  });

  test('C2.6-06 a text that nobody follows changes nothing', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, hears, requests } = await scene('2.6', async (stage) => {
      const [alice, bob, carol] = [stage.person('alice'), stage.person('bob'), stage.party('carol')];
      await talk(stage, 'alice', 'bob');
      await bob.sendLink(alice, carol);
      after = await listen(stage);
    });
    expect(error).toBeUndefined();
    expect([hears('alice', 'bob', after), hears('bob', 'alice', after)]).toEqual([true, true]);
    expect(requests('INVITE', 'carol')).toEqual([]);
  });

  test.each(['swapped', 'wrong'])('C2.6-08 %s tags get 481, and the call goes on', async (how) => {
    let after: readonly [number, number] = [0, 0];
    const { error, finals, hears } = await scene('2.6', async (stage) => {
      const carol = stage.person('carol');
      await talk(stage, 'alice', 'bob');
      const { dialog, ...place } = placeOf(stage, 'bob', 'alice');
      const { localTag, remoteTag } = dialog;
      const tags = how === 'swapped' ? { localTag: remoteTag, remoteTag: localTag } : { localTag: 'wrong', remoteTag };
      await expect(carol.phone.retrieve({ ...place, dialog: { ...dialog, ...tags } })).rejects.toMatchObject({
        failure: { status: 481 },
      });
      after = await listen(stage);
    });
    expect(error).toBeUndefined();
    expect(finals('INVITE', 'alice')).toEqual([481]);
    expect([hears('alice', 'bob', after), hears('bob', 'alice', after)]).toEqual([true, true]);
  });

  test('C2.6-10 of a page that comes as a text, a person gets words and one address to call; nothing is fetched', async () => {
    const texts: string[] = [];
    const { error, requests } = await scene('2.6', async (stage) => {
      const [bob, carol, alice] = [stage.person('bob'), stage.person('carol'), stage.party('alice')];
      carol.phone.onEvent((event) => {
        if (event.kind === 'message') texts.push(event.message.text, event.message.link?.target.uri ?? '');
      });
      await bob.phone.sendMessage(
        carol.addressOfRecord,
        `<script src="https://evil.example/">x</script><a href="https://evil.example/">Call</a> <a href="${alice.addressOfRecord}">Alice</a>`,
      );
      await stage.listen();
    });
    expect(error).toBeUndefined();
    expect(texts).toHaveLength(2);
    expect(texts[1]).toBe('sips:alice@atlanta.example.com');
    expect(requests('INVITE', 'carol')).toEqual([]);
  });
});
