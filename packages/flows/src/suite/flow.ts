import type { FlowScript } from '../flow/flow-script.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { playFlow } from '../real/play-flow.ts';
import type { RealOptions } from '../real/play-flow.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import type { SimulationOptions } from '../simulation/simulation-options.ts';
import { FlowError } from './flow-error.ts';
import { checkOptions } from './input.ts';
import { verdictOf } from './verdict.ts';
import type { FlowVerdict } from './verdict.ts';

/** Where a flow is played: in the simulator, where it takes no time, or on sockets of this machine. */
export type FlowOptions =
  ({ readonly on?: 'simulator' } & SimulationOptions) | ({ readonly on: 'sockets' } & RealOptions);

/**
 * Plays a section of RFC 5359, such as `2.15`, with the phone and the exchange of this house, and holds it against the RFC.
 * Rejects with a {@link FlowError} for a section that is none and for options that are none.
 */
export async function flow(section: string, options: FlowOptions = {}): Promise<FlowVerdict> {
  const script = scriptOf(section);
  checkOptions(options);
  return verdictOf(options.on === 'sockets' ? await playFlow(script, options) : await simulateFlow(script, options));
}

function scriptOf(section: string): FlowScript {
  const script = flowScripts.find((each) => each.flow === section);
  if (script === undefined)
    throw new FlowError('unknown-section', `RFC 5359 has no flow ${section}: name one of 2.1 to 2.18`);
  return script;
}
