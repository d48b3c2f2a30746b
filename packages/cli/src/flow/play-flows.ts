import { drawReport, endure, examined, findFlow, flowScripts, printConclusion, printTitle } from '@switchhook/flows';
import type { FlowScript, PlayedFlow } from '@switchhook/flows';
import { exitCodes } from '../command.ts';
import type { Terminal } from '../command.ts';
import { table } from '../table.ts';
import { isRight, isSimulated, play, repetitionsOf, simulationOf } from './flow-arguments.ts';
import type { FlowValues } from './flow-arguments.ts';

/** So many real flows are played at a time. */
const flowsAtOnce = 6;

/** `switchhook flow SECTION` */
export async function playFlow(script: FlowScript, values: FlowValues, terminal: Terminal): Promise<number> {
  const count = repetitionsOf(values);
  if (count > 1) return repeat(script, count, values, terminal);
  const begin = performance.now();
  const played = await play(script, values);
  const { report } = played;
  terminal.print(`${printTitle(report.flow)}\n${drawReport(report)}\n`);
  return conclude(played, performance.now() - begin, terminal);
}

/** Says below the ladder what came of it; answers with the exit code. */
function conclude(played: PlayedFlow, milliseconds: number, terminal: Terminal): number {
  const { report, leftOvers, error } = played;
  terminal.print(printConclusion(report));
  terminal.print(`It took ${(milliseconds / 1_000).toFixed(1)} s.\n`);
  for (const what of leftOvers) terminal.complain(`switchhook flow: left over: ${what}\n`);
  if (error !== undefined) terminal.complain(`switchhook flow: not played to the end: ${error.message}\n`);
  return isRight(played) ? exitCodes.done : exitCodes.failed;
}

/** `switchhook flow all` */
export async function playAll(values: FlowValues, terminal: Terminal): Promise<number> {
  const rows: string[][] = [];
  let failures = 0;
  for (const { played, milliseconds } of await playEach(values)) {
    const { flow, tolerated } = played.report;
    const { messages, rules, statements } = examined(played.report);
    if (!isRight(played)) failures += 1;
    rows.push([
      flow.id,
      flow.title,
      `${messages} of ${flow.messages.length}`,
      String(rules),
      String(statements.length),
      String(new Set(tolerated.map(({ tolerance }) => tolerance)).size),
      `${Math.round(milliseconds)} ms`,
      verdictOf(played),
    ]);
  }
  terminal.print(
    table(['SECTION', 'SERVICE', 'MESSAGES', 'RULES', 'STATEMENTS', 'TOLERATED', 'TIME', 'VERDICT'], rows),
  );
  const verdict = failures === 0 ? 'all as they should be' : `${failures} not as they should be`;
  terminal.print(`\n${flowScripts.length} flows: ${verdict}\n`);
  return failures === 0 ? exitCodes.done : exitCodes.failed;
}

interface Timed {
  readonly played: PlayedFlow;
  readonly milliseconds: number;
}

/** Real flows wait most of their time, and do not disturb each other: some go on at once. In the simulator one does nothing but work. */
async function playEach(values: FlowValues): Promise<readonly Timed[]> {
  const results = new Map<FlowScript, Timed>();
  const waiting = flowScripts.values();
  const worker = async (): Promise<void> => {
    for (const script of waiting) {
      const begin = performance.now();
      const played = await play(script, values);
      results.set(script, { played, milliseconds: performance.now() - begin });
    }
  };
  await Promise.all(Array.from({ length: isSimulated(values) ? 1 : flowsAtOnce }, worker));
  return flowScripts.flatMap((script) => results.get(script) ?? []);
}

function verdictOf(played: PlayedFlow): string {
  if (isRight(played)) return 'as it should be';
  const [failure] = played.report.failures;
  if (played.error !== undefined) return `not played to the end: ${played.error.message}`;
  if (failure !== undefined) return `${failure.message ?? ''} ${failure.rule}`.trim();
  return `left over: ${played.leftOvers.join(', ')}`;
}

/** Other seeds, one after the other; what fails prints the command that shows it again. */
async function repeat(script: FlowScript, count: number, values: FlowValues, terminal: Terminal): Promise<number> {
  const { seed = 1, ...options } = simulationOf(values);
  const begin = performance.now();
  let failures = 0;
  for (let each = seed; each < seed + count; each += 1) {
    for (const { problems, command } of await endure(script, [each], options)) {
      failures += 1;
      terminal.print(`${problems.join('\n')}\n  ${command}\n`);
    }
  }
  const title = findFlow(script.flow)?.title ?? '';
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
  terminal.print(`${script.flow} ${title}: ${count - failures} of ${count} came to a right end, in ${seconds} s\n`);
  return failures === 0 ? exitCodes.done : exitCodes.failed;
}
