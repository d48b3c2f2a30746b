import { expect, test } from 'vitest';
import type { TransportProtocol } from '@switchhook/sip';
import { printReport } from '../checker/print-report.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { simulateFlow } from './simulate-flow.ts';

const protocols: readonly TransportProtocol[] = ['TLS', 'TCP', 'UDP', 'WS', 'WSS'];
const networks = protocols.flatMap((protocol) => ([4, 6] as const).map((family) => [protocol, family] as const));

test.each(networks)(
  'C1-01 C1-06 every flow over %s and IPv%i is as RFC 5359 has it, message by message',
  async (protocol, family) => {
    // What is too large for a datagram goes over TCP, and is answered there (RFC 3261 18.1.1).
    const carriers = protocol === 'UDP' ? ['UDP', 'TCP'] : [protocol];
    for (const script of flowScripts) {
      const { report, error, leftOvers, conversation } = await simulateFlow(script, {
        protocol,
        addressFamily: family,
      });
      expect(error, script.flow).toBeUndefined();
      expect(leftOvers, script.flow).toEqual([]);
      expect(report.passed, printReport(report)).toBe(true);
      expect(report.advice, script.flow).toEqual([]);
      expect(report.matched.size, script.flow).toBe(report.flow.messages.length);
      for (const { protocol: used, text } of conversation.messages) {
        expect(carriers).toContain(used);
        if (text.includes('\r\n\r\nv=0')) expect(text).toContain(`c=IN IP${family} `);
      }
    }
  },
);
