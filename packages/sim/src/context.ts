import { portableHashes, type SipContext } from '@switchhook/sip';
import { RecordingLog } from './recording-log.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The platform of an element in the simulator. */
export interface SimulatedContext extends SipContext {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly log: RecordingLog;
}

/** A context whose every run can be repeated from its seed. Elements of one simulation share the clock. */
export function simulatedContext(seed: number | string, clock: VirtualClock = new VirtualClock()): SimulatedContext {
  return { clock, random: new SeededRandom(seed), hashes: portableHashes, log: new RecordingLog() };
}
