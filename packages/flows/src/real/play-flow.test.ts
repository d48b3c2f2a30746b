import { describe, expect, test } from 'vitest';
import { printReport } from '../checker/print-report.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { Person } from '../stage/person.ts';
import { playFlow } from './play-flow.ts';

function scriptOf(section: string): FlowScript {
  const script = flowScripts.find(({ flow }) => flow === section);
  if (script === undefined) throw new RangeError('no script');
  return script;
}

describe.concurrent('over real TLS, with sips, certificates, SRTP and sound', () => {
  test.each(flowScripts.map((script) => [script.flow, script] as const))(
    '%s: every message, and what is heard',
    async (_, script) => {
      const { report, conversation, error, leftOvers } = await playFlow(script);
      expect(error).toBeUndefined();
      expect(report.passed, printReport(report)).toBe(true);
      expect(leftOvers).toEqual([]);
      expect(report.matched.size).toBe(report.flow.messages.length);
      expect(new Set(conversation.messages.map(({ protocol }) => protocol))).toEqual(new Set(['TLS']));
      for (const { message } of conversation.messages) {
        if (message !== undefined && message.body.startsWith('v=0')) expect(message.body).toContain('RTP/SAVP');
      }
    },
  );
});

describe.concurrent('over real sockets', () => {
  const callHold = scriptOf('2.1');

  test.each(['TCP', 'UDP'] as const)('2.1 over %s', async (protocol) => {
    const { report, error, leftOvers } = await playFlow(callHold, { protocol });
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(report.passed, printReport(report)).toBe(true);
    expect(report.messages.every((message) => message.protocol === protocol)).toBe(true);
  });

  test.each([
    ['2.3', 'WS', 4],
    ['2.12', 'WSS', 4],
    ['2.16', 'WSS', 6],
    ['2.13', 'TLS', 6],
    ['2.5', 'UDP', 6],
    ['2.15', 'TCP', 6],
  ] as const)('%s over %s and IPv%i', async (section, protocol, addressFamily) => {
    const { report, error, leftOvers } = await playFlow(scriptOf(section), { protocol, addressFamily });
    expect([error, leftOvers]).toEqual([undefined, []]);
    expect(report.passed, printReport(report)).toBe(true);
    expect(report.matched.size).toBe(report.flow.messages.length);
    const carriers: readonly string[] = protocol === 'UDP' ? ['UDP', 'TCP'] : [protocol];
    expect(report.messages.every((message) => carriers.includes(message.protocol))).toBe(true);
  });

  test('gives up what does not end, and stops everybody all the same', async () => {
    const script = { ...callHold, play: () => new Promise<void>(() => undefined) };
    const { error, leftOvers } = await playFlow(script, { timeLimit: 300 });
    expect(error?.message).toBe('not done after 0.3 s');
    expect(leftOvers).toEqual([]);
  });
});

test('whoever sends silence is found, however long he is listened to', async () => {
  const script: FlowScript = {
    ...scriptOf('2.7'),
    async play(stage) {
      const [alice, gateway, bob] = [stage.phone('alice'), stage.phone('gateway'), stage.party('bob')];
      if (!(gateway instanceof Person)) throw new TypeError('a phone of ours');
      const answered = gateway.ring().then(() => {
        for (const call of gateway.phone.calls) call.muted = true;
        return gateway.answer();
      });
      await Promise.all([alice.call(bob), answered]);
      await stage.listen();
      await alice.hangUp(bob);
      await gateway.ended(alice);
    },
  };
  const { report } = await playFlow(script, { protocol: 'UDP' });
  expect(report.failures.map(({ message, rule, expected }) => [message, rule, expected])).toEqual([
    ['F10', 'media', 'gateway heard by alice (two-way RTP, after F10)'],
  ]);
});

test('on a machine that lets nobody do anything but for some milliseconds, five times a second, all is right', async () => {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  let isBusy = true;
  const block = (): void => {
    if (!isBusy) return;
    Atomics.wait(nothing, 0, 0, 200);
    setTimeout(block, 5);
  };
  const script: FlowScript = {
    ...scriptOf('2.7'),
    async play(stage) {
      block();
      await scriptOf('2.7')
        .play(stage)
        .finally(() => (isBusy = false));
    },
  };
  const { report, error, leftOvers } = await playFlow(script, { protocol: 'UDP' });
  expect([error, leftOvers]).toEqual([undefined, []]);
  expect(report.passed, printReport(report)).toBe(true);
});
