import { describe, expect, test } from 'vitest';
import { checkFlow } from '../checker/check.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import { readOracle } from '../oracle/oracle.ts';
import { shownByLadder, silent } from './ladder.testing.ts';
import { scene } from './scene.testing.ts';

/** Statements of RFC 5359 1. */

const { flows } = readOracle();

describe('RFC 5359 1', () => {
  shownByLadder('2.1', [
    ['C1-03', 'what is said is no SIP', (m) => m.header('F1', 'Call-ID', () => 'a b c')],
    [
      'C1-07',
      'a stream is added where none was offered',
      (m) => m.replaceInBody('F12', 'a=recvonly', 'a=recvonly\r\nm=video 0 RTP/AVP 31'),
    ],
    ['C1.1-03', 'nobody is heard', silent('alice', 'bob')],
  ]);

  test('C1-05 a bad certificate ends the hop: nothing that is meant for sips goes further', async () => {
    const { error, conversation } = await scene('2.1', () => Promise.resolve(), {
      certificate: { domains: ['elsewhere.example.net'], addresses: [] },
    });
    expect(error).toMatchObject({ failure: { kind: 'certificate' } });
    expect(conversation.messages).toEqual([]);
  });

  test('C1-05 with sips every hop is TLS', async () => {
    const { conversation } = await scene('2.1', async (stage) => {
      await Promise.all([stage.phone('alice').call(stage.phone('bob')), stage.phone('bob').answer()]);
      await stage.phone('alice').hangUp(stage.phone('bob'));
    });
    expect(new Set(conversation.messages.map(({ protocol }) => protocol))).toEqual(new Set(['TLS']));
  });

  test('C1-08 basic calls: busy, not there, nobody answers, given up', async () => {
    const { error, leftOvers, finals } = await scene('2.1', async (stage) => {
      const [alice, bob] = [stage.person('alice'), stage.person('bob')];
      await bob.refuseCalls('busy');
      await expect(alice.call(bob)).rejects.toMatchObject({ failure: { kind: 'busy' } });
      await bob.refuseCalls('unavailable');
      await expect(alice.call(bob)).rejects.toMatchObject({ failure: { kind: 'unavailable' } });
      bob.phone.doNotDisturb = 'off';
      const given = alice.phone.dial(bob.addressOfRecord);
      await Promise.all([
        bob.miss(),
        new Promise<void>((resolve) => void stage.clock.after(1_000, resolve)).then(() => given.hangUp()),
      ]);
      expect(given.end).toMatchObject({ kind: 'cancelled' });
      await expect(alice.phone.call('sips:nobody@biloxi.example.com')).rejects.toMatchObject({
        failure: { kind: 'unknown' },
      });
    });
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(finals('INVITE', 'bob')).toEqual([486, 480, 487]);
  });

  test('C1-09 calls are told apart: no Call-ID, tag or branch comes twice', async () => {
    const { requests } = await scene('2.2', async (stage) => {
      const [alice, bob, carol] = [stage.phone('alice'), stage.phone('bob'), stage.phone('carol')];
      for (const other of [bob, carol, bob]) {
        await Promise.all([alice.call(other), other.answer()]);
        await alice.hangUp(other);
      }
    });
    // Each goes twice: the exchange wants credentials first.
    const calls = requests('INVITE', 'alice');
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(3);
    expect(new Set(calls.map(({ fromTag }) => fromTag)).size).toBe(3);
    expect(new Set(calls.map((call) => call.raw('Via'))).size).toBe(calls.length);
  });

  test.each(flows.map((flow) => [flow.id, flow] as const))(
    'C1.1-01 C1.1-02 %s passes without what stands in parentheses, and with nothing less',
    (_, flow) => {
      const optional = new Set(flow.messages.filter((message) => message.optional).map(({ f }) => f));
      const draft = writeConversation(flow);
      draft.drafts = draft.drafts.filter(({ f }) => !optional.has(f));
      expect(checkFlow(flow, conversationOf(draft)).failures).toEqual([]);
      const [needed] = flow.messages.filter((message) => !message.optional && message.kind === 'request');
      draft.drafts = draft.drafts.filter(({ f }) => f !== needed?.f);
      expect(checkFlow(flow, conversationOf(draft)).passed).toBe(false);
    },
  );
});
