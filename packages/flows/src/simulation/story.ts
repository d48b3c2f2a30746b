import type { Misfortune } from '@switchhook/sim';
import type { FlowScript } from '../flow/flow-script.ts';
import { problemsOf } from './problems.ts';
import { shrink } from './shrink.ts';
import { playInSimulator } from './simulate-flow.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** What came of one story. */
export interface ToldStory {
  /** What is wrong with its end, in words. */
  readonly problems: readonly string[];
  /** What happened to datagrams: the same story is told with these alone. */
  readonly misfortunes: readonly Misfortune[];
}

/** Plays one story, and looks at nothing but its end. */
export async function tellStory(script: FlowScript, options: SimulationOptions): Promise<ToldStory> {
  const played = await playInSimulator(script, options);
  return { problems: problemsOf(script, played, options), misfortunes: played.misfortunes };
}

/** A failure is played so often at most to find the shortest story of it. */
const attempts = 600;

/**
 * The shortest story that has the same kind of end as one that went wrong: with the fewest datagrams lost, doubled and held
 * back. Undefined when it does not go wrong a second time.
 */
export async function shortestStory(
  script: FlowScript,
  options: SimulationOptions,
  { problems, misfortunes }: ToldStory,
): Promise<ToldStory | undefined> {
  const wanted = new Set(problems.map(kindOf));
  let shortest: ToldStory | undefined;
  const fails = async (fewer: readonly Misfortune[]): Promise<boolean> => {
    const told = await tellStory(script, { ...options, misfortunes: fewer });
    const isTheSame = told.problems.some((problem) => wanted.has(kindOf(problem)));
    if (isTheSame) shortest = told;
    return isTheSame;
  };
  if (!(await fails(misfortunes))) return undefined;
  // Those that the story never came to are none of it.
  await shrink(misfortunes, fails, attempts);
  return shortest;
}

/** What is wrong, whichever number of things it is about. */
function kindOf(problem: string): string {
  return problem.replaceAll(/\d+/g, '');
}
