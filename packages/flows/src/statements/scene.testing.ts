import { SipRequest, SipResponse } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { directionOfSession, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { SessionDescription } from '../conversation/session-description.ts';
import { withoutRepetitions } from '../checker/repetitions.ts';
import { findFlow } from '../oracle/oracle.ts';
import { SimulatedStage } from '../simulation/simulated-stage.ts';
import type { SimulationOptions } from '../simulation/simulated-stage.ts';
import type { Played } from '../stage/played.ts';

/** A scene with the people of a flow, that goes another way than its ladder. */
export interface Scene extends Played {
  /** Requests of a method on the first hop from somebody, in order; those that begin a dialog, or within one. */
  requests(method: string, from?: string): readonly SipRequest[];
  /** Final responses that somebody sent to requests of a method. */
  finals(method: string, from: string): readonly number[];
  /** Whether somebody heard another between two moments. */
  hears(at: string, source: string, between: readonly [number, number]): boolean;
  /** Whether packets went. */
  sends(from: string, to: string, between: readonly [number, number]): boolean;
}

/** Lets the people of a section do something, and tells what was said and heard. */
export async function scene(
  section: string,
  play: (stage: SimulatedStage) => Promise<void>,
  options: SimulationOptions = {},
): Promise<Scene> {
  const flow = findFlow(section);
  if (flow === undefined) throw new RangeError(`no flow ${section}`);
  const stage = new SimulatedStage(flow, options);
  const played = await stage.play({ play: () => play(stage) });
  const { messages } = withoutRepetitions(played.conversation.messages);
  const of = (from: string | undefined) => (said: SaidMessage) => from === undefined || said.from === from;
  const overlaps = (one: { start: number; end: number }, [start, end]: readonly [number, number]): boolean =>
    one.start < end && one.end >= start;
  return {
    ...played,
    requests: (method, from) =>
      messages
        .filter(of(from))
        .map(({ message }) => message)
        .filter((message) => message instanceof SipRequest)
        .filter((message) => message.method === method),
    finals: (method, from) =>
      messages
        .filter(of(from))
        .map(({ message }) => message)
        .filter((message) => message instanceof SipResponse)
        .filter(({ cseqMethod, status }) => cseqMethod === method && status >= 200)
        .map(({ status }) => status),
    hears: (at, source, between) =>
      (played.conversation.heard ?? []).some(
        (each) => each.at === at && each.source === source && overlaps(each, between),
      ),
    sends: (from, to, between) =>
      (played.conversation.rtp ?? []).some((each) => each.from === from && each.to === to && overlaps(each, between)),
  };
}

/** What the body of a request says of the call. Throws where it says nothing. */
export function descriptionIn(message: SipRequest | SipResponse | undefined): SessionDescription {
  const description = message && sessionDescriptionOf(message);
  if (description === undefined) throw new Error('there is no session description');
  return description;
}

export function directionIn(message: SipRequest | SipResponse | undefined): string {
  return directionOfSession(descriptionIn(message));
}
