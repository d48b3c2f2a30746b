import type { SubscriberSettings } from '@switchhook/exchange';
import { describe, expect, test } from 'vitest';
import { Mutation } from '../checker/mutation.testing.ts';
import { callForwardingBusy, callForwardingNoAnswer, callForwardingUnconditional } from '../flow/call-forwarding.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import type { SimulationOptions } from '../simulation/simulation-options.ts';
import { besides, shownByLadder } from './ladder.testing.ts';
import { listen, scene, wait } from './scene.testing.ts';

/** Statements of RFC 5359 2.7, 2.8 and 2.9. */

const without = (): undefined => undefined;
const forwarding = (forward: SubscriberSettings['forward']): SimulationOptions => ({
  setting: { settings: { bob: { forward } } },
});

/** Nobody hears of a call. */
const nothing = { kind: 'nothing' } as const;

describe('181 Call Is Being Forwarded', () => {
  test.each([
    ['C2.7-03', callForwardingUnconditional, 'F3'],
    ['C2.8-05', callForwardingBusy, 'F6'],
    ['C2.9-08', callForwardingNoAnswer, 'F10'],
  ] as const)('%s may be said, as our exchange does, or not', async (_, script, f) => {
    const { report } = await simulateFlow(script);
    expect(report.matched.get(f)?.text).toMatch(/^SIP\/2\.0 181 /);
    const silent = new Mutation(script.flow);
    silent.drop(f);
    expect(silent.report().failures).toEqual([]);
  });
});

describe('RFC 5359 2.7', () => {
  shownByLadder('2.7', [
    ['C2.7-01', 'To changes, too', (m) => m.header('F4', 'To', () => '<sips:+19727293660@gw1.example.com>')],
    ['C2.7-01', 'another number is called', (m) => m.requestUri('F4', 'sips:+1972@gw1.example.com;user=phone')],
    ['C2.7-01', 'it is not said to be a number', (m) => m.requestUri('F4', 'sips:+19727293660@gw1.example.com')],
    ['C2.7-01', 'the call still goes to him', (m) => m.requestUri('F4', 'sips:bob@biloxi.example.com')],
    ['C2.7-06', 'the caller does not hear it ring', (m) => m.drop('F6')],
    ['C2.7-06', 'ACK goes past the proxy', (m) => m.header('F9', 'Route', without)],
    ['C2.7-06', 'BYE is for somebody else', (m) => m.requestUri('F11', 'sips:bob@biloxi.example.com')],
    [
      'C2.7-07',
      'the 181 has the tag of the one who answers',
      (m) => m.header('F3', 'To', (value) => value.replace(/tag=.*/, 'tag=gateway.F1')),
    ],
  ]);

  test('C2.7-02 his own phone does not ring', async () => {
    const { error, reached, leftOvers } = await scene(
      '2.8',
      async (stage) => {
        const [alice, second, bob] = [stage.phone('alice'), stage.phone('b2'), stage.party('bob')];
        await Promise.all([alice.call(bob), second.answer()]);
        await alice.hangUp(bob);
      },
      forwarding({ always: 'b2' }),
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(reached('INVITE', 'proxy')).toEqual(['b2']);
  });

  test('C2.7-04 told by 302 where he is, the caller calls there', async () => {
    let after: readonly [number, number] = [0, 0];
    const { error, conversation, hears, requests } = await scene(
      '2.8',
      async (stage) => {
        const [alice, second, bob] = [stage.person('alice'), stage.phone('b2'), stage.party('bob')];
        await Promise.all([alice.call(bob), second.answer()]);
        after = await listen(stage);
        await alice.hangUp(bob);
      },
      forwarding({ always: 'b2', by: 'redirect' }),
    );
    expect(error).toBeUndefined();
    expect(conversation.messages.some(({ from, text }) => from === 'proxy' && text.startsWith('SIP/2.0 302'))).toBe(
      true,
    );
    expect(requests('INVITE', 'alice').at(-1)?.requestUriText).toBe('sips:b2@biloxi.example.com');
    expect([hears('alice', 'b2', after), hears('b2', 'alice', after)]).toEqual([true, true]);
  });
});

describe('RFC 5359 2.8', () => {
  shownByLadder('2.8', [
    ['C2.8-01', 'nobody else is called', (m) => m.drop(...Array.from({ length: 11 }, (_, place) => `F${place + 7}`))],
    ['C2.8-02', 'the ACK is of another transaction', (m) => m.header('F5', 'Via', (via) => via.replace('F2', 'F5'))],
    ['C2.8-02', 'the ACK has another Request-URI', (m) => m.requestUri('F5', 'sips:b2@biloxi.example.com')],
    ['C2.8-02', 'the caller hears busy', besides('F6', 1, 'SIP/2.0 486 Busy Here')],
    ['C2.8-03', 'the branch is the same', (m) => m.header('F7', 'Via', (via) => via.replace('F7', 'F2'))],
    ['C2.8-03', 'the number is another', (m) => m.header('F7', 'CSeq', () => '99 INVITE')],
    ['C2.8-03', 'the body is another', (m) => m.replaceInBody('F7', 'sendrecv', 'sendonly')],
    ['C2.8-03', 'From is another', (m) => m.header('F7', 'From', (from) => from.replace('alice@', 'bob@'))],
  ]);

  test('C2.8-04 who is not busy keeps his call', async () => {
    const { error, reached } = await scene(
      '2.8',
      async (stage) => {
        const [alice, first, bob] = [stage.phone('alice'), stage.phone('b1'), stage.party('bob')];
        await Promise.all([alice.call(bob), first.answer()]);
        await alice.hangUp(bob);
      },
      { setting: callForwardingBusy.setting },
    );
    expect(error).toBeUndefined();
    expect(reached('INVITE', 'proxy')).toEqual(['b1']);
  });

  test.each([
    ['busy', 'busy', 486],
    ['unavailable', 'busy', 486],
  ] as const)('C2.8-04 the other one is %s as well: the caller hears one answer', async (as, kind, status) => {
    const { error, finals, leftOvers } = await scene(
      '2.8',
      async (stage) => {
        const [alice, first, second] = [stage.phone('alice'), stage.phone('b1'), stage.phone('b2')];
        await first.refuseCalls('busy');
        await second.refuseCalls(as);
        await expect(alice.call(stage.party('bob'))).rejects.toMatchObject({ failure: { kind } });
      },
      { setting: callForwardingBusy.setting },
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(finals('INVITE', 'proxy').filter((each) => each !== 407)).toEqual([status]);
  });

  test('C2.8-06 whoever declines for all his phones ends the search', async () => {
    const { error, reached } = await scene(
      '2.8',
      async (stage) => {
        const [alice, first] = [stage.phone('alice'), stage.person('b1')];
        first.phone.onIncomingCall((call) => void call.reject('declined'));
        await expect(alice.call(stage.party('bob'))).rejects.toMatchObject({
          failure: { kind: 'declined', status: 603 },
        });
      },
      forwarding({ busy: 'b2', noAnswer: 'b2', unavailable: 'b2' }),
    );
    expect(error).toBeUndefined();
    expect(reached('INVITE', 'proxy')).toEqual(['b1']);
  });
});

describe('RFC 5359 2.9', () => {
  shownByLadder('2.9', [
    ['C2.9-01', 'the other one is called while the first still rings', (m) => m.move('F11', m.draft('F5').time + 1)],
    ['C2.9-01', 'the first is not cancelled', (m) => m.drop('F6', 'F7', 'F8', 'F9')],
    ['C2.9-02', 'CANCEL has another branch', (m) => m.header('F6', 'Via', (via) => via.replace('F2', 'F6'))],
    ['C2.9-02', 'CANCEL has a tag', (m) => m.header('F6', 'To', (value) => `${value};tag=b1.F1`)],
    ['C2.9-02', 'CANCEL has another Request-URI', (m) => m.requestUri('F6', 'sips:b2@biloxi.example.com')],
    ['C2.9-02', 'the 487 is not acknowledged', (m) => m.drop('F9')],
    ['C2.9-03', 'the caller hears 487', besides('F10', 1, 'SIP/2.0 487 Request Terminated')],
    ['C2.9-04', 'both have one tag', (m) => m.header('F10', 'To', (value) => value.replace('proxy.', 'b1.'))],
  ]);

  test('C2.9-03 of the CANCEL the caller hears nothing either', async () => {
    const { conversation } = await simulateFlow(callForwardingNoAnswer);
    const cancels = conversation.messages.filter(({ message }) => message?.cseqMethod === 'CANCEL');
    expect(cancels.map(({ from, to: whom }) => `${from} ${whom}`)).toEqual(['proxy b1', 'b1 proxy']);
  });

  test('C2.9-05 whoever answers as his time runs out has the call, or the other one has it, and never both', async () => {
    const winners = new Set<string>();
    for (let offset = -3; offset <= 3; offset += 1) {
      const { error, leftOvers } = await scene(
        '2.9',
        async (stage) => {
          const [alice, first, second] = [stage.person('alice'), stage.person('b1'), stage.person('b2')];
          const bob = stage.party('bob');
          const late = first.ring().then(async () => {
            const [call] = first.phone.calls;
            await wait(stage, 2_000 + offset);
            await call?.answer().catch(() => nothing);
          });
          second.phone.onIncomingCall((call) => {
            stage.clock.after(300, () => void call.answer().catch(() => nothing));
          });
          await Promise.all([alice.call(bob), late]);
          await listen(stage);
          const connected = [first, second].filter(({ phone }) =>
            phone.calls.some(({ state }) => state === 'connected'),
          );
          expect([offset, connected.length, alice.phone.calls.length]).toEqual([offset, 1, 1]);
          winners.add(connected[0]?.element ?? '');
          await alice.hangUp(bob);
        },
        { setting: callForwardingNoAnswer.setting },
      );
      expect([offset, error, leftOvers]).toEqual([offset, undefined, []]);
    }
    expect([...winners].sort()).toEqual(['b1', 'b2']);
  });

  test.each([
    ['b1', ['b1']],
    ['b2', ['b1', 'b2']],
  ])('C2.9-07 the caller gives up while %s rings: it stops, and nobody else is tried', async (element, tried) => {
    const { error, requests, reached, leftOvers } = await scene(
      '2.9',
      async (stage) => {
        const alice = stage.person('alice');
        const call = alice.phone.dial(stage.party('bob').addressOfRecord);
        await stage.phone(element).ring();
        await Promise.all([call.hangUp(), stage.phone(element).miss()]);
        await wait(stage, 10_000);
        expect(call.end).toMatchObject({ kind: 'cancelled' });
      },
      { setting: callForwardingNoAnswer.setting },
    );
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(reached('INVITE', 'proxy')).toEqual(tried);
    expect(requests('CANCEL', 'alice')).toHaveLength(1);
  });
});
