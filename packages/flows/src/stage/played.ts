import type { Report } from '../checker/finding.ts';
import type { Conversation, SaidMessage } from '../conversation/conversation.ts';

/** Somebody has ended a flow before its time, as by Ctrl-C: what was still to come is nobody's fault. */
export class FlowInterruption extends Error {
  override readonly name = 'FlowInterruption';

  constructor() {
    super('it was interrupted');
  }
}

/** What became of a play. */
export interface Played {
  readonly conversation: Conversation;
  /** What those of the flow said afterwards, until nobody had anything to say any more. */
  readonly later?: () => readonly SaidMessage[];
  /** What was said by and to those who have no line in the ladder: nobody asks whether it was right. */
  readonly besides?: () => readonly SaidMessage[];
  /** Why the script could not be played to its end. */
  readonly error: Error | undefined;
  /** What elements still held when all was over, in words; empty when nothing was left over. */
  readonly leftOvers: readonly string[];
}

/** A play and what the checker says of it. */
export interface PlayedFlow extends Played {
  readonly report: Report;
}

/** What somebody holds, in words. */
export function held(element: string, counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${element}: ${count} ${what}`);
}

/** Who has other calls at the end than the ladder leaves him. */
export function misplaced(
  standing: readonly (readonly [string, string])[],
  calls: ReadonlyMap<string, number>,
): readonly string[] {
  return [...calls].flatMap(([element, count]) => {
    const wanted = standing.filter((between) => between.includes(element)).length;
    return count === wanted ? [] : [`${element}: ${count} calls instead of ${wanted}`];
  });
}
