import type { ParkedCall } from '@switchhook/phone';
import { decodeUtf8, SipRequest, SipResponse } from '@switchhook/sip';
import type { WatchedDialog } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { directionOfSession, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { SessionDescription } from '../conversation/session-description.ts';
import { withoutRepetitions } from '../checker/repetitions.ts';
import { findFlow } from '../oracle/oracle.ts';
import { SimulatedStage } from '../simulation/simulated-stage.ts';
import type { SimulationOptions } from '../simulation/simulation-options.ts';
import type { Played } from '../stage/played.ts';

/** A scene with the people of a flow, that goes another way than its ladder. */
export interface Scene extends Played {
  /** Requests of a method on the first hop from somebody, in order; those that begin a dialog, or within one. */
  requests(method: string, from?: string): readonly SipRequest[];
  /** To whom these requests went, in order. */
  reached(method: string, from?: string): readonly string[];
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
    // It is read when it is asked for, which a copy does not know of.
    conversation: played.conversation,
    requests: (method, from) =>
      messages
        .filter(of(from))
        .map(({ message }) => message)
        .filter((message) => message instanceof SipRequest)
        .filter((message) => message.method === method),
    reached: (method, from) =>
      messages
        .filter(of(from))
        .filter(({ message }) => message instanceof SipRequest && message.method === method)
        .map(({ to }) => to),
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

/** People call, and talk: the first calls the second. */
export async function talk(stage: SimulatedStage, caller: string, callee: string): Promise<void> {
  const [one, other] = [stage.phone(caller), stage.phone(callee)];
  await Promise.all([one.call(other), other.answer()]);
}

/** How long it takes until what was on its way, in the air and in jitter buffers, is gone, in milliseconds. */
const fading = 500;

/** Lets people talk or be silent, and tells between which moments. */
export async function listen(stage: SimulatedStage): Promise<readonly [number, number]> {
  await wait(stage, fading);
  const start = stage.clock.now();
  await stage.listen();
  return [start, stage.clock.now()];
}

export async function wait(stage: SimulatedStage, milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => void stage.clock.after(milliseconds, resolve));
}

/** What it takes to take somebody's place in his call with another, however it was learned (RFC 3891 4). */
export function placeOf(
  stage: SimulatedStage,
  whose: string,
  other: string,
): ParkedCall & { readonly dialog: WatchedDialog } {
  const { remote, session } = stage.person(whose).with(stage.party(other));
  if (session === undefined) throw new Error(`${whose} is in no call with ${other}`);
  const { callId, localTag, remoteTag, remoteTarget } = session.dialog;
  const target = { uri: decodeUtf8(remoteTarget.toString()), parameters: [] };
  return {
    who: remote,
    slot: remote,
    dialog: {
      id: callId,
      callId,
      localTag,
      remoteTag,
      state: 'confirmed',
      routeSet: [],
      remote: { identity: { uri: remote.uri, displayName: undefined }, target },
    },
  };
}
