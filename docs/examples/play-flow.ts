import { flowScripts, printReport, simulateFlow } from '@switchhook/flows';

/** Plays a section of RFC 5359 in the simulator; answers with the report, ladder and all, and whether it passed. */
export async function playFlow(section: string, seed: number): Promise<{ passed: boolean; text: string }> {
  const script = flowScripts.find(({ flow }) => flow === section);
  if (script === undefined) throw new Error(`there is no script for ${section}`);
  const { report, leftOvers, error } = await simulateFlow(script, { protocol: 'UDP', seed });
  const passed = report.passed && leftOvers.length === 0 && error === undefined;
  return { passed, text: printReport(report) };
}
