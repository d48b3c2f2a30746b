import { describe, expect, test } from 'vitest';
import { printReport } from '../checker/print-report.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { playFlow } from './play-flow.ts';

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
  const [callHold] = flowScripts;
  if (callHold === undefined) throw new RangeError('no script');

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
    const script = flowScripts.find(({ flow }) => flow === section);
    if (script === undefined) throw new RangeError('no script');
    const { report, error, leftOvers } = await playFlow(script, { protocol, addressFamily });
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
