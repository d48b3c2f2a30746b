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

  test('gives up what does not end, and stops everybody all the same', async () => {
    const script = { ...callHold, play: () => new Promise<void>(() => undefined) };
    const { error, leftOvers } = await playFlow(script, { timeLimit: 300 });
    expect(error?.message).toBe('not done after 0.3 s');
    expect(leftOvers).toEqual([]);
  });
});
