import { checkFlow } from '../checker/check.ts';
import type { Report } from '../checker/finding.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { findFlow } from '../oracle/oracle.ts';
import { SimulatedStage } from './simulated-stage.ts';
import type { Played, SimulationOptions } from './simulated-stage.ts';

/** A play and what the checker says of it. */
export interface SimulatedFlow extends Played {
  readonly report: Report;
}

/** Plays a flow with real phones and the real exchange in a simulation, and holds it against RFC 5359. */
export async function simulateFlow(script: FlowScript, options: SimulationOptions = {}): Promise<SimulatedFlow> {
  const flow = findFlow(script.flow);
  if (flow === undefined) throw new RangeError(`RFC 5359 has no flow ${script.flow}`);
  const { setting, permissions, phones, others } = script;
  const played = await new SimulatedStage(flow, { setting, permissions, phones, others, ...options }).play(script);
  return { ...played, report: checkFlow(flow, played.conversation) };
}
