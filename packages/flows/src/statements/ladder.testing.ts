import { expect, test } from 'vitest';
import type { Finding } from '../checker/finding.ts';
import { Mutation } from '../checker/mutation.testing.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import type { PlayedFlow } from '../stage/played.ts';

/** A statement, what would break it, in words, and how: in a conversation that is as the flow has it. */
export type Break = readonly [id: string, words: string, change: (conversation: Mutation) => void];

/**
 * One test for each: the flow is played, and the checker finds nothing against the statement; broken, it finds it so. What the
 * ladder of a flow shows needs no scene of its own.
 */
export function shownByLadder(flow: string, breaks: readonly Break[]): void {
  let played: Promise<PlayedFlow> | undefined;
  test.each(breaks)('%s in the ladder; the checker objects when %s', async (id, _, change) => {
    const { report, error } = await (played ??= play(flow));
    expect(error).toBeUndefined();
    expect(against(id, [...report.failures, ...report.advice])).toEqual([]);
    const broken = new Mutation(flow);
    change(broken);
    const { failures, advice } = broken.report();
    expect(against(id, [...failures, ...advice])).not.toEqual([]);
  });
}

/** Nothing goes from one to the other, ever. */
export function silent(from: string, to: string): (conversation: Mutation) => void {
  return ({ conversation }) => {
    conversation.rtp = conversation.rtp.filter((each) => each.from !== from || each.to !== to);
  };
}

/** Sound goes from one to the other after a message of the flow. */
export function audible(from: string, to: string, f: string): (conversation: Mutation) => void {
  return (mutation) => {
    const start = mutation.draft(f).time + 200;
    mutation.conversation.rtp.push({ from, to, start, end: start + 700, packets: 35 });
  };
}

/** Says a message again, a little later, as something else. */
export function besides(
  f: string,
  after: number,
  startLine: string,
  between?: readonly [from: string, to: string],
): (conversation: Mutation) => void {
  return (mutation) => {
    mutation.repeat(f, after, (copy) => {
      copy.startLine = startLine;
      if (between !== undefined) [copy.from, copy.to] = between;
    });
  };
}

function against(id: string, findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ coverage }) => coverage.includes(id))
    .map(({ message, rule, found }) => `${message ?? '-'} ${rule}: ${found}`);
}

async function play(flow: string): Promise<PlayedFlow> {
  const script = flowScripts.find((each) => each.flow === flow);
  if (script === undefined) throw new RangeError(`no flow ${flow}`);
  return simulateFlow(script);
}
