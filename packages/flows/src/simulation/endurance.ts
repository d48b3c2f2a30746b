import type { FlowScript } from '../flow/flow-script.ts';
import { badNetwork } from './bad-network.ts';
import { planCrash, printCrash } from './crash.ts';
import { printMisfortunes } from './misfortune-text.ts';
import type { SimulationOptions } from './simulation-options.ts';
import { shortestStory, tellStory } from './story.ts';

/** What is wrong with one play on a bad network, and how to see it again. */
export interface Breakdown {
  readonly flow: string;
  readonly seed: number;
  readonly problems: readonly string[];
  /** What the command `switchhook` is given to play it once more: `flow 2.1 --bad-network --seed 7`. */
  readonly parameters: string;
}

/** A story on a bad network: {@link SimulationOptions}, and who loses its power in it. */
export interface EnduranceOptions extends SimulationOptions {
  /** Who crashes at a moment that is drawn from the seed: an element of the flow, or `any` of them. */
  readonly crashing?: string | undefined;
}

/**
 * Plays a flow on a bad network, once for each seed. Messages may be lost, doubled and out of order, so the ladder is
 * another every time; but everybody must come to the end, nobody may be left with anything, and nobody may hear whom he should
 * not, nor miss whom he should hear. What goes wrong is played again with fewer misfortunes, until all that are left matter.
 */
export async function endure(
  script: FlowScript,
  seeds: Iterable<number>,
  network: EnduranceOptions = badNetwork,
): Promise<readonly Breakdown[]> {
  const breakdowns: Breakdown[] = [];
  for (const seed of seeds) {
    const breakdown = await endureOne(script, { ...network, seed });
    if (breakdown !== undefined) breakdowns.push(breakdown);
  }
  return breakdowns;
}

async function endureOne(
  script: FlowScript,
  { crashing, ...others }: EnduranceOptions,
): Promise<Breakdown | undefined> {
  const crash = crashing === undefined ? others.crash : await planCrash(script, crashing, others);
  const options: SimulationOptions = { ...others, crash };
  const { flow } = script;
  const { seed = 1 } = options;
  const told = await tellStory(script, options);
  if (told.problems.length === 0) return undefined;
  const shortest = await shortestStory(script, options, told);
  const crashed = crash === undefined ? '' : ` --crash ${printCrash(crash)}`;
  const parameters = `flow ${flow} ${wordsFor(options)} --seed ${seed}${crashed}`;
  if (shortest === undefined || told.misfortunes.length === 0)
    return { flow, seed, problems: told.problems, parameters };
  const { problems, misfortunes } = shortest;
  return { flow, seed, problems, parameters: `${parameters} --misfortunes ${printMisfortunes(misfortunes)}` };
}

/** The options of the command that make such a network, and such calls. */
function wordsFor({
  link,
  protocol = 'TLS',
  addressFamily,
  optionalMessages,
  pictures = [],
}: SimulationOptions): string {
  const isBad = link?.jitter !== undefined && link.jitter === badNetwork.link?.jitter;
  const loss = link?.loss === undefined ? [] : ['--loss', `${Math.round(link.loss * 100)}%`];
  return [
    ...(isBad ? ['--bad-network'] : ['--transport', protocol.toLowerCase(), ...loss]),
    ...(addressFamily === 6 ? ['--ip 6'] : []),
    ...(optionalMessages === false ? ['--without-optional'] : []),
    ...(pictures.length > 0 ? ['--streams 2'] : []),
  ].join(' ');
}
