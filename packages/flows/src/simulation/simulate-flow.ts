import { checkFlow } from '../checker/check.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { findFlow } from '../oracle/oracle.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { SimulatedStage } from './simulated-stage.ts';
import type { SimulationOptions } from './simulated-stage.ts';

/** Plays a flow with real phones and the real exchange in a simulation, and holds it against RFC 5359. */
export async function simulateFlow(script: FlowScript, options: SimulationOptions = {}): Promise<PlayedFlow> {
  const flow = findFlow(script.flow);
  if (flow === undefined) throw new RangeError(`RFC 5359 has no flow ${script.flow}`);
  const { setting, permissions, phones, others } = script;
  const played = await new SimulatedStage(flow, { setting, permissions, phones, others, ...options }).play(script);
  return { ...played, report: checkFlow(flow, played.conversation) };
}
