import { checkFlow, findFlow, Recorder } from '@switchhook/flows';
import type { Participant, Report } from '@switchhook/flows';

/** A message that you saw pass between two of them: milliseconds, who, whom, and its bytes, a character a byte. */
export interface Seen {
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** Holds what you recorded of anybody's devices against a section of RFC 5359. */
export function checkRecording(section: string, participants: readonly Participant[], seen: readonly Seen[]): Report {
  const flow = findFlow(section);
  if (flow === undefined) throw new Error(`RFC 5359 has no section ${section}`);
  const recorder = new Recorder(participants);
  for (const message of seen) recorder.say({ ...message, protocol: 'UDP' });
  // Nobody listened, so nothing is said about media.
  return checkFlow(flow, recorder.conversation(Infinity));
}
