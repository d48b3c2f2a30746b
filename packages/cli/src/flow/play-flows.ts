import { join } from 'node:path';
import {
  drawReport,
  examined,
  LiveLadder,
  printConclusion,
  printReportDocument,
  printTitle,
  problemsOf,
  reportDocument,
  writeReport,
  printVerdict,
  toldBy,
  verdictOn,
} from '@switchhook/flows';
import type { Examined, Finding, FlowDescription, FlowScript, PlayedFlow, RealOptions } from '@switchhook/flows';
import { printable } from '@switchhook/sip';
import { exitCodes, UsageError } from '../command.ts';
import type { Terminal } from '../command.ts';
import { FittingTable } from '../fitting-table.ts';
import { printProse } from '../prose.ts';
import { interruption } from '../signals.ts';
import { playCampaign } from './campaign.ts';
import { hasCompany } from './casting-arguments.ts';
import {
  castingFor,
  flowOf,
  isHarsh,
  isRight,
  isSimulated,
  mayWrap,
  play,
  refuseStrangers,
  repetitionsOf,
  scriptsWith,
  simulationOf,
  stageOf,
} from './flow-arguments.ts';
import type { FlowValues } from './flow-arguments.ts';

/** So many real flows are played at a time. */
const flowsAtOnce = 6;

/** `switchhook flow SECTION` */
export async function playFlow(script: FlowScript, values: FlowValues, terminal: Terminal): Promise<number> {
  const count = repetitionsOf(values);
  const options = simulationOf(values);
  refuseStrangers(script, options);
  const casting = await castingFor(values, values.json === true ? asideOf(terminal) : terminal);
  if (count > 1 || options.crashing !== undefined) return playCampaign([script], count, options, terminal);
  if (values.json === true) return playForMachines([script], values, casting, terminal);
  const flow = flowOf(script.flow);
  const begin = performance.now();
  let ladder: LiveLadder | undefined;
  const watch: RealOptions['watch'] = (recorder, clock) => {
    const { proxyTask } = script;
    if (casting.proxy !== undefined && proxyTask !== undefined)
      printProse(`Your proxy has to ${proxyTask}.\n\n`, terminal);
    terminal.print(`${printTitle(flow)}\n`);
    ladder = new LiveLadder(flow, recorder, clock, (line) => terminal.print(line), terminal.columns);
    ladder.start();
  };
  const played = await interruptible(values, (signal) => play(script, values, casting, { watch, signal }));
  if (isUnplayed(played) && !isHarsh(values)) {
    ladder?.stop();
    complainOf(played, terminal);
    return report([{ played, milliseconds: performance.now() - begin }], values, exitCodes.failed, terminal);
  }
  if (ladder === undefined) terminal.print(`${printTitle(flow)}\n${drawReport(played.report, terminal.columns)}`);
  else ladder.finish(played.report);
  terminal.print('\n');
  const verdicts = outsidersIn(script, casting).map((role) => verdictOn(played.report, role, played.error));
  for (const verdict of verdicts) terminal.print(`${await printVerdict(verdict, played.error)}\n`);
  const timed = { played, milliseconds: performance.now() - begin };
  const code = isHarsh(values)
    ? concludeHarsh(problemsOf(script, played, options), played, terminal)
    : conclude(timed, new Set(verdicts.flatMap(toldBy)), terminal);
  return report([timed], values, code, terminal);
}

/** The parts that are not ours. */
function outsidersIn({ flow }: FlowScript, { guests = {}, proxy }: RealOptions): readonly string[] {
  const isTheirs = ({ id, role }: FlowDescription['elements'][number]): boolean =>
    Object.hasOwn(guests, id) || (role === 'proxy' && proxy !== undefined);
  return flowOf(flow)
    .elements.filter(isTheirs)
    .map(({ id }) => id);
}

/** Everybody is stopped, devices are told, and nothing is left also where somebody ends it with Ctrl-C. */
async function interruptible<Result>(
  values: FlowValues,
  what: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  // The simulator does nothing but work: there a signal ends the process.
  if (isSimulated(values)) return what(undefined);
  const { signal, release } = interruption();
  try {
    return await what(signal);
  } finally {
    release();
  }
}

/** The report as JSON on standard output, and nothing else there; what people are asked for goes to standard error. */
async function playForMachines(
  scripts: readonly FlowScript[],
  values: FlowValues,
  casting: RealOptions,
  terminal: Terminal,
): Promise<number> {
  const all = await interruptible(values, (signal) => playEach(scripts, values, casting, { signal }, () => undefined));
  const stage = stageOf(values);
  terminal.print(
    printReportDocument(
      reportDocument(
        all.map((timed) => ({ ...timed, stage })),
        new Date(),
      ),
    ),
  );
  const code = all.every(({ played }) => isRight(played)) ? exitCodes.done : exitCodes.failed;
  return report(all, values, code, asideOf(terminal));
}

/** Where people are told what is not for machines. */
function asideOf(terminal: Terminal): Terminal {
  return { ...terminal, print: (text) => terminal.complain(text) };
}

/** Writes the report that was asked for. Answers with the exit code: what the plays have, unless it cannot be written. */
async function report(all: readonly Timed[], values: FlowValues, code: number, terminal: Terminal): Promise<number> {
  if (values.report === undefined) return code;
  const stage = stageOf(values);
  try {
    await writeReport(
      values.report,
      all.map((timed) => ({ ...timed, stage })),
    );
  } catch (error) {
    // Where a disk is full, the error names no file.
    if (!(error instanceof Error && 'errno' in error)) throw error;
    terminal.complain(`switchhook flow: the report in ${values.report} is not whole: ${error.message}\n`);
    return exitCodes.failed;
  }
  terminal.print(`The report: ${join(values.report, 'index.html')}\n`);
  return code;
}

/** Whether it ended before anything of the flow was said: then nothing is known of its messages, and none is anybody's fault. */
function isUnplayed({ error, report: { matched } }: PlayedFlow): boolean {
  return error !== undefined && matched.size === 0;
}

/** Says below the ladder what came of it, but for what has been `told`; answers with the exit code. */
function conclude({ played, milliseconds }: Timed, told: ReadonlySet<Finding>, terminal: Terminal): number {
  printProse(printConclusion(played.report, { told, error: played.error }), terminal);
  terminal.print(`It took ${(milliseconds / 1_000).toFixed(1)} s.\n`);
  complainOf(played, terminal);
  return isRight(played) ? exitCodes.done : exitCodes.failed;
}

/** Says what was left over, and why it was not played to its end. */
function complainOf({ leftOvers, error }: PlayedFlow, terminal: Terminal): void {
  for (const what of leftOvers) terminal.complain(`switchhook flow: left over: ${what}\n`);
  if (error !== undefined) terminal.complain(`switchhook flow: not played to the end: ${printable(error.message)}\n`);
}

/** Where messages are lost, or somebody crashes, the ladder is another, but the end has to be right. */
function concludeHarsh(problems: readonly string[], { report: { passed } }: PlayedFlow, terminal: Terminal): number {
  for (const problem of problems) terminal.complain(`switchhook flow: ${problem}\n`);
  const crosses = passed
    ? ''
    : ' Crosses in the ladder are what has become of it on the way: none of them is a fault here.';
  if (problems.length === 0) printProse(`It came to a right end.${crosses}\n`, terminal);
  return problems.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** What `flow all` says of a flow. */
const columns = [
  { head: 'FLOW' },
  { head: 'SERVICE', least: mayWrap },
  { head: 'MESSAGES', spare: 1 },
  { head: 'RULES', spare: 3 },
  { head: 'STATEMENTS', spare: 4 },
  { head: 'TOLERATED', spare: 5 },
  { head: 'TIME', spare: 2 },
  { head: 'VERDICT' },
];
const right = '✓ as it should be';

/** `switchhook flow all`: a line for each flow, in their order, as soon as it is known. */
export async function playAll(values: FlowValues, terminal: Terminal): Promise<number> {
  if (hasCompany(values)) throw new UsageError('devices and proxies take part in one flow at a time');
  const count = repetitionsOf(values);
  const options = simulationOf(values);
  const casting = await castingFor(values, values.json === true ? asideOf(terminal) : terminal);
  const scripts = scriptsWith(options);
  if (count > 1 || options.crashing !== undefined) return playCampaign(scripts, count, options, terminal);
  if (values.json === true) return playForMachines(scripts, values, casting, terminal);
  const widest = scripts.map(({ flow }) => [flow, flowOf(flow).title, '38 of 38', '', '', '', '60.0 s', right]);
  const table = new FittingTable(columns, widest, terminal.columns);
  terminal.print(table.head());
  const begin = performance.now();
  const all = await interruptible(values, (signal) =>
    playEach(scripts, values, casting, { signal }, (timed) => terminal.print(table.row(rowOf(timed)))),
  );
  const failures = all.filter(({ played }) => !isRight(played)).length;
  if (all.length < scripts.length) terminal.complain('switchhook flow: it was interrupted\n');
  const sums = all.map(({ played }) => examined(played.report));
  const sum = (of: (each: Examined) => number): number => sums.reduce((total, each) => total + of(each), 0);
  const statements = new Set(sums.flatMap((each) => each.statements)).size;
  const verdict = failures === 0 ? 'all as they should be' : `${failures} not as they should be`;
  const looked = `${sum(({ messages }) => messages)} messages, ${sum(({ rules }) => rules)} rules, ${statements} statements of the RFC`;
  printProse(`\n${all.length} flows: ${verdict}. Looked at: ${looked}, in ${secondsSince(begin)}.\n`, terminal);
  const code = failures === 0 && all.length === scripts.length ? exitCodes.done : exitCodes.failed;
  return report(all, values, code, terminal);
}

function rowOf({ played, milliseconds }: Timed): readonly string[] {
  const { flow, tolerated } = played.report;
  const { messages, rules, statements } = examined(played.report);
  return [
    flow.id,
    flow.title,
    `${messages} of ${flow.messages.length}`,
    String(rules),
    String(statements.length),
    String(new Set(tolerated.map(({ tolerance }) => tolerance)).size),
    `${(milliseconds / 1_000).toFixed(1)} s`,
    isRight(played) ? right : `✗ ${verdictOf(played)}`,
  ];
}

function secondsSince(begin: number): string {
  return `${((performance.now() - begin) / 1_000).toFixed(1)} s`;
}

interface Timed {
  readonly played: PlayedFlow;
  readonly milliseconds: number;
}

/**
 * Real flows wait most of their time, and do not disturb each other: some go on at once. In the simulator one does nothing
 * but work. `told` is called for each, in the order of the RFC.
 */
async function playEach(
  scripts: readonly FlowScript[],
  values: FlowValues,
  casting: RealOptions,
  live: Pick<RealOptions, 'signal'>,
  told: (timed: Timed) => void,
): Promise<readonly Timed[]> {
  const results = new Map<FlowScript, Timed>();
  const inOrder: Timed[] = [];
  const waiting = scripts.values();
  const worker = async (): Promise<void> => {
    for (const script of waiting) {
      if (live.signal?.aborted === true) return;
      const begin = performance.now();
      const played = await play(script, values, casting, live);
      results.set(script, { played, milliseconds: performance.now() - begin });
      for (const next of scripts.slice(inOrder.length)) {
        const timed = results.get(next);
        if (timed === undefined) break;
        inOrder.push(timed);
        told(timed);
      }
    }
  };
  await Promise.all(Array.from({ length: isSimulated(values) ? 1 : flowsAtOnce }, worker));
  return inOrder;
}

function verdictOf(played: PlayedFlow): string {
  const [failure] = played.report.failures;
  if (played.error !== undefined) return `not played to the end: ${printable(played.error.message)}`;
  if (failure !== undefined) return `${failure.message ?? ''} ${failure.rule}`.trim();
  return `left over: ${played.leftOvers.join(', ')}`;
}
