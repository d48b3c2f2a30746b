import type { SaidMessage } from '../conversation/conversation.ts';
import { directionOfSession, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowDescription, FlowMedia } from '../oracle/flow-schema.ts';
import type { Binding } from './binding.ts';
import type { Examination } from './examination.ts';
import { ofFlow } from './of-flow.ts';

/** So long after the last message of a change, in milliseconds, packets that were on their way may still come. */
const settling = 100;
/** So long sound that came before is still heard: what waits in the jitter buffer, and what is put in the place of the next. */
const fading = 300;
/** A state that stands shorter, in milliseconds, is over before anybody can be heard in it: a jitter buffer fills first. */
const shortest = 300;

type Path = FlowMedia['flows'][number];

/** Who sent to whom while a media state stood. */
export type MediaPaths = ReadonlyMap<string, readonly { readonly from: string; readonly to: string }[]>;

/**
 * Holds what was heard, and the packets, against the double lines of the ladder; tells what went. Those behind messages
 * that did not begin anything do not count.
 */
export function checkMedia(
  binding: Binding,
  examination: Examination,
  hasBegun: (f: string) => boolean = () => true,
): MediaPaths {
  const paths = new Map<string, Path[]>();
  for (const [f, media] of Object.entries(binding.flow.media)) {
    if (!hasBegun(f)) continue;
    for (const path of media.flows) checkPath(f, media, path, binding, examination);
    if (media.mix !== undefined) checkMix(f, media.mix, binding, examination);
    if (!binding.matched.has(f) || binding.conversation.rtp === undefined) continue;
    paths.set(
      f,
      media.flows.filter((path) => packetsOn(f, path, binding).length > 0),
    );
  }
  return paths;
}

function packetsOn(f: string, path: Path, binding: Binding): readonly State[] {
  const state = stateOf(f, path, binding);
  if (state === undefined) return [];
  const { rtp = [] } = binding.conversation;
  return rtp.filter((each) => each.from === path.from && each.to === path.to && overlaps(each, state));
}

function checkPath(f: string, media: FlowMedia, path: Path, binding: Binding, examination: Examination): void {
  const { rtp, heard } = binding.conversation;
  const state = stateOf(f, path, binding);
  const { from, to } = path;
  const { strangers = [] } = binding.conversation;
  if (rtp === undefined || path.rtp === 'any' || state === undefined) return;
  if (strangers.includes(from) && strangers.includes(to)) return;
  const packets = packetsOn(f, path, binding);
  const quiet = path.rtp ? state : { ...state, start: state.start + fading };
  // What a stranger hears, and whether he says anything, only his packets tell.
  const isKnown = !strangers.includes(from) && !strangers.includes(to);
  const isHeard = isKnown
    ? heard?.some((each) => each.source === from && each.at === to && overlaps(each, quiet))
    : undefined;
  const strength = path.rtp || !mayStillSend(f, path, binding) ? path.strength : 'should';
  const object = (expected: string, found: string): void =>
    examination.object('media', { expected, found, message: f, strength, said: binding.matched.get(f) });
  const when = `${media.label}, after ${f}`;
  if (path.rtp && packets.length === 0) object(`RTP from ${from} to ${to} (${when})`, 'none');
  else if (path.rtp && isHeard === false && media.mix === undefined)
    object(`${from} heard by ${to} (${when})`, 'not heard');
  if (path.rtp) return;
  const begin = binding.conversation.messages[0]?.time ?? 0;
  if (packets.length > 0) {
    const last = ((packets.at(-1)?.end ?? begin) - begin) / 1_000;
    object(`no RTP from ${from} to ${to} (${when})`, `packets until ${last.toFixed(3)} s`);
  } else if (isHeard === true) object(`${from} not heard by ${to} (${when})`, 'heard all the same');
}

/** Who holds with sendonly may send as long as he holds (T9), whatever else begins meanwhile. */
function mayStillSend(f: string, { from, to }: Path, { flow, matched }: Binding): boolean {
  const place = flow.messages.findIndex((message) => message.f === f);
  const theirs = flow.dialogs
    .filter(({ type, between }) => type === 'invite' && between.includes(from) && between.includes(to))
    .map(({ id }) => id);
  const said = flow.messages.slice(0, place).findLast(({ dialog, expect, ends, from: by }) => {
    const isTheirs = dialog !== null && theirs.includes(dialog);
    return isTheirs && ((expect.sdp !== undefined && by === from) || ends !== undefined);
  })?.f;
  const message = said === undefined ? undefined : matched.get(said)?.message;
  const description = message === undefined ? undefined : sessionDescriptionOf(message);
  return description !== undefined && directionOfSession(description) === 'sendonly';
}

function checkMix(f: string, mix: NonNullable<FlowMedia['mix']>, binding: Binding, examination: Examination): void {
  const { heard, end, strangers = [] } = binding.conversation;
  const said = binding.matched.get(f);
  if (heard === undefined || said === undefined) return;
  const state = { start: said.time + settling, end };
  for (const [element, sources] of Object.entries(mix.hears)) {
    if (strangers.includes(element)) continue;
    const found = new Set(
      heard.filter((each) => each.at === element && overlaps(each, state)).map(({ source }) => source),
    );
    for (const stranger of strangers) found.delete(stranger);
    const wanted = sources
      .filter((source) => !strangers.includes(source))
      .sort()
      .join(' and ');
    const actual = [...found].sort().join(' and ');
    if (wanted === actual) continue;
    examination.object('mix', {
      expected: `${element} hears ${wanted} (after ${f})`,
      found: actual || 'silence',
      message: f,
      said,
    });
  }
}

interface State {
  readonly start: number;
  readonly end: number;
}

function overlaps({ start, end }: State, state: State): boolean {
  return start < state.end && end >= state.start;
}

/**
 * The time in which a media state stands: from its message (and, for silence, whatever ended the sound before) until the next message that can change what goes between the
 * two: an offer or answer in a dialog of theirs, its end, or the call that replaces it. Undefined when it never stands:
 * on a bad network the next change may overtake the last message of this one.
 */
function stateOf(f: string, path: Path, binding: Binding): State | undefined {
  const { rtp } = path;
  const said = binding.matched.get(f);
  if (said === undefined) return undefined;
  const { flow, matched, conversation } = binding;
  const { causes, changes, acks } = neighboursOf(flow, path);
  let { end } = conversation;
  for (const change of changes) end = Math.min(end, matched.get(change)?.time ?? end);
  let start = said.time;
  if (rtp === false) {
    for (const each of causes) {
      const cause = matched.get(each);
      // Whom it has never reached goes on with his sound.
      if (cause?.to === path.from && isLost(cause, binding)) return undefined;
      start = Math.max(start, cause?.arrived ?? cause?.time ?? 0);
    }
    start += settling;
    // Sound does not wait for the ACK that the ladder draws it behind: that may be lost for a while.
  } else start = Math.min(start, (matched.get(acks ?? f) ?? said).time);
  return end - start < (rtp === true ? shortest : 0) || end <= start ? undefined : { start, end };
}

/** Whether no copy of a message has arrived; what was recorded on the way tells of no arrivals. */
function isLost({ arrived }: SaidMessage, { conversation: { messages } }: Binding): boolean {
  return arrived === undefined && messages.some((each) => each.arrived !== undefined);
}

/** The messages of a flow, by their F-numbers, that begin and end a media state of it. */
interface Neighbours {
  /** Before it. What is drawn there may come later in a dialog of its own (T8): it is silent when both of them have seen to that. */
  readonly causes: readonly string[];
  /** Behind it. */
  readonly changes: readonly string[];
  /** The message that the one of the state acknowledges. */
  readonly acks: string | undefined;
}

const neighboursOf = ofFlow<Path, Neighbours>((flow, path) => {
  const { from, to, rtp } = path;
  const f = Object.keys(flow.media).find((each) => flow.media[each]?.flows.includes(path));
  const place = flow.messages.findIndex((message) => message.f === f);
  const changing = (messages: FlowDescription['messages'], isSilent: boolean): readonly string[] =>
    messages.filter((message) => canChange(flow, message, [from, to], isSilent)).map((message) => message.f);
  return {
    causes: changing(flow.messages.slice(0, place), false),
    changes: changing(flow.messages.slice(place + 1), rtp === false),
    acks: flow.messages[place]?.acks,
  };
});

function canChange(
  flow: FlowDescription,
  { dialog, expect, ends }: FlowDescription['messages'][number],
  pair: readonly [string, string],
  isSilent: boolean,
): boolean {
  const isTheirs = (id: string | null | undefined): boolean => {
    const between = flow.dialogs.find((each) => each.id === id && each.type !== 'subscription')?.between;
    return between !== undefined && pair.every((element) => between.includes(element));
  };
  if (expect.sdp !== undefined && isTheirs(dialog)) return true;
  if (isSilent) return false;
  const isEnd = ends !== undefined || expect.closes !== undefined || expect.endsUsage !== undefined;
  return isTheirs(expect.replaces?.dialog) || (isTheirs(dialog) && isEnd);
}
