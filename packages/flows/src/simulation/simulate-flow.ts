import { checkFlow } from '../checker/check.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { findFlow } from '../oracle/oracle.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { SimulatedStage } from './simulated-stage.ts';
import type { SimulationOptions } from './simulation-options.ts';
import type { SimulatedPlay } from './traced-play.ts';

/** Plays a flow with real phones and the real exchange in a simulation, and holds it against RFC 5359. */
export async function simulateFlow(script: FlowScript, options: SimulationOptions = {}): Promise<PlayedFlow> {
  const { conversation, later, besides, error, leftOvers } = await playInSimulator(script, options);
  return { conversation, later, besides, error, leftOvers, report: checkFlow(flowOf(script), conversation) };
}

/** Plays a flow with real phones and the real exchange in a simulation. */
export async function playInSimulator(script: FlowScript, options: SimulationOptions = {}): Promise<SimulatedPlay> {
  const { setting, permissions, phones, others } = script;
  return new SimulatedStage(flowOf(script), { setting, permissions, phones, others, ...options }).perform(script);
}

function flowOf({ flow: section }: FlowScript): FlowDescription {
  const flow = findFlow(section);
  if (flow === undefined) throw new RangeError(`RFC 5359 has no flow ${section}`);
  return flow;
}
