import { checkFlow } from '../checker/check.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { findFlow } from '../oracle/oracle.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { RealStage } from './real-stage.ts';
import type { RealOptions } from './real-stage.ts';
import { addressPlan } from './sockets.ts';

/**
 * Plays a flow with real phones and the real exchange on sockets of this machine, on loopback, in as much time as people
 * need for it; measures what is heard, and holds all of it against RFC 5359. Several may be played at once.
 */
export async function playFlow(script: FlowScript, options: RealOptions = {}): Promise<PlayedFlow> {
  const flow = findFlow(script.flow);
  if (flow === undefined) throw new RangeError(`RFC 5359 has no flow ${script.flow}`);
  const played = await new RealStage(flow, script, await addressPlan(), options).play();
  return { ...played, report: checkFlow(flow, played.conversation) };
}
