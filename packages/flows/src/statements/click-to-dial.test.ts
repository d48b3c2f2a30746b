import { describe, expect, test } from 'vitest';
import { clickToDial } from '../flow/click-to-dial.ts';
import { besides, shownByLadder } from './ladder.testing.ts';
import { listen, scene } from './scene.testing.ts';

/** Statements of RFC 5359 2.18. */

const without = (): undefined => undefined;

describe('RFC 5359 2.18', () => {
  shownByLadder('2.18', [
    [
      'C2.18-01',
      'it refers to somebody else',
      (m) => m.header('F1', 'Refer-To', () => '<sips:dave@chicago.example.com>'),
    ],
    ['C2.18-01', 'another phone is asked', (m) => m.requestUri('F1', 'sips:carol@chicago.example.com')],
    ['C2.18-02', 'it asks for reports', (m) => m.header('F1', 'Refer-Sub', without)],
    ['C2.18-02', 'the phone grants nothing', (m) => m.header('F2', 'Refer-Sub', without)],
    ['C2.18-02', 'the phone reports', besides('F2', 10, 'NOTIFY sips:pc.biloxi.example.com SIP/2.0')],
    ['C2.18-08', 'any phone of his may take it', (m) => m.requestUri('F1', 'sips:bob@biloxi.example.com')],
    ['C2.18-03', 'somebody else is called', (m) => m.requestUri('F3', 'sips:dave@chicago.example.com')],
    ['C2.18-03', 'the offer is one way', (m) => m.replaceInBody('F3', 'sendrecv', 'sendonly')],
    ['C2.18-09', 'the call does not say who asked', (m) => m.header('F3', 'Referred-By', without)],
    [
      'C2.18-09',
      'the call says that another asked',
      (m) => m.header('F3', 'Referred-By', () => '<sips:mallory@example.com>'),
    ],
  ]);

  test('C2.18-06 the PC says one thing, hears one answer, and has no part in the sound', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, conversation, hears } = await scene('2.18', async (stage) => {
      await clickToDial.play(stage);
      after = await listen(stage);
    });
    expect(error).toBeUndefined();
    const said = conversation.messages.filter(({ from, to }) => from === 'pc' || to === 'pc');
    expect(said.map(({ from, text }) => `${from} ${text.split(' ')[0] ?? ''}`)).toEqual(['pc REFER', 'bob SIP/2.0']);
    expect(conversation.rtp?.filter(({ from, to }) => from === 'pc' || to === 'pc')).toEqual([]);
    expect([hears('bob', 'carol', after), hears('carol', 'bob', after)]).toEqual([true, true]);
  });
});
