import { expect, test } from 'vitest';
import { checkFlow } from '../checker/check.ts';
import { printReport } from '../checker/print-report.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { findFlow } from '../oracle/oracle.ts';
import { RealStage } from './real-stage.testing.ts';

/** Milliseconds of sound in each state: as many as it takes to hear on a machine that does other things, too. */
const listenTime = 1_000;

test.each(flowScripts.map((script) => [script.flow, script] as const))(
  '%s over real TLS, with sips, certificates and RTP: every message, and what is heard',
  async (id, script) => {
    const flow = findFlow(id);
    if (flow === undefined) throw new Error(`no flow ${id}`);
    const stage = new RealStage(flow, script, listenTime);
    try {
      await stage.start();
      await script.play(stage);
      await stage.listen();
      const report = checkFlow(flow, stage.conversation());
      expect(report.passed, printReport(report)).toBe(true);
      expect(report.matched.size).toBe(flow.messages.length);
      expect(new Set(stage.conversation().messages.map(({ protocol }) => protocol))).toEqual(new Set(['TLS']));
      for (const { message } of stage.conversation().messages) {
        if (message !== undefined && message.body.startsWith('v=0')) expect(message.body).toContain('RTP/SAVP');
      }
    } finally {
      const held = await stage.stop();
      for (const stats of held) expect(Object.values(stats as object).every((count) => count === 0)).toBe(true);
    }
  },
);
