import { Event, SipFragment, SubscriptionState, SyntaxFault, TargetDialog } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { readDialogInformation } from '../conversation/dialog-information.ts';
import { directionOfSession, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowDescription, FlowMessage } from '../oracle/flow-schema.ts';
import { isRequest, isResponse } from './hops.ts';
import type { Hops, SaidRequest, SaidResponse } from './hops.ts';
import { bestAssignment } from './best-assignment.ts';
import { ofFlow } from './of-flow.ts';
import { isConsequence } from './order.ts';
import { branchOf } from './repetitions.ts';

/** Which recorded message is which of the flow's. */
export interface Matching {
  readonly matched: ReadonlyMap<string, SaidMessage>;
  /** What no message of the flow is. */
  readonly rest: readonly SaidMessage[];
}

/**
 * Finds for each message of the flow the recorded one that it most likely is, in the flow's order: same hop, same
 * method or status, and as much as can be of dialog, transaction, body and order. It is lenient, so that a message with
 * one fault is still found and its fault is named; the rules are strict.
 */
export function match(flow: FlowDescription, messages: readonly SaidMessage[], hops: Hops): Matching {
  const excluded = new Set<string>();
  const bodies = new BodyScores();
  for (;;) {
    const matcher = new Matcher(flow, messages, hops, excluded, bodies);
    for (const message of flow.messages) matcher.find(message);
    // One that was taken may be a later one that nobody is left for: then the earlier one is missing.
    const mistake = matcher.mistake();
    if (mistake === undefined) {
      matcher.findUnlikely();
      return matcher.result();
    }
    excluded.add(mistake);
  }
}

/** So many requests that nobody is taken for are looked at beside those that are. */
const mostFree = 4;

class Matcher {
  readonly #flow: FlowDescription;
  readonly #messages: readonly SaidMessage[];
  readonly #hops: Hops;
  /** By who said them to whom. */
  readonly #byHop = new Map<string, SaidMessage[]>();
  readonly #matched = new Map<string, SaidMessage>();
  readonly #taken = new Set<SaidMessage>();
  readonly #callIds = new Map<string, string>();
  /** By dialog and element. */
  readonly #tags = new Map<string, string>();

  /** A message of the flow and the place of a recorded one that it is not, `F10 7`. */
  readonly #excluded: ReadonlySet<string>;
  readonly #bodies: BodyScores;

  constructor(
    flow: FlowDescription,
    messages: readonly SaidMessage[],
    hops: Hops,
    excluded: ReadonlySet<string>,
    bodies: BodyScores,
  ) {
    this.#excluded = excluded;
    this.#bodies = bodies;
    this.#flow = flow;
    this.#messages = messages;
    this.#hops = hops;
    for (const said of messages) {
      const hop = `${said.from} ${said.to}`;
      const others = this.#byHop.get(hop);
      if (others === undefined) this.#byHop.set(hop, [said]);
      else others.push(said);
    }
  }

  result(): Matching {
    return { matched: this.#matched, rest: this.#messages.filter((said) => !this.#taken.has(said)) };
  }

  /** Of those that nobody is taken for, one in the place of a message that is missing is that message, with many faults. */
  findUnlikely(): void {
    for (const expected of this.#flow.messages) {
      if (this.#matched.has(expected.f)) continue;
      this.#take(expected, (said, score) => score > 0 || (isRequest(said) && this.#isInPlaceOf(expected, said)));
    }
  }

  find(expected: FlowMessage): void {
    const isRuledOut = (said: SaidMessage): boolean =>
      this.#excluded.size > 0 && this.#excluded.has(`${expected.f} ${this.#messages.indexOf(said)}`);
    this.#take(expected, (said, score) => score > 0 && !isRuledOut(said));
  }

  /** Takes the one that fits best, of those that are free and can be it. */
  #take(expected: FlowMessage, canBe: (said: SaidMessage, score: number) => boolean): void {
    let best: SaidMessage | undefined;
    let bestScore = -Infinity;
    for (const said of this.#byHop.get(`${expected.from} ${expected.to}`) ?? []) {
      if (this.#taken.has(said)) continue;
      const score = this.#score(expected, said);
      if (score === undefined || score <= bestScore || !canBe(said, score)) continue;
      best = said;
      bestScore = score;
    }
    if (best === undefined) return;
    this.#taken.add(best);
    this.#matched.set(expected.f, best);
    for (const dialog of expected.creates ?? []) this.#callIds.set(dialog, best.message?.callId ?? '');
    const { from, to } = expected.expect.tags;
    this.#learn(expected.dialog, from, best.message?.fromTag);
    this.#learn(expected.dialog, to, best.message?.toTag);
  }

  /** Whether it begins a dialog that is not known yet, or belongs to the one that is, as the message of the flow does. */
  #isInPlaceOf({ dialog, creates, inDialog }: FlowMessage, { message }: SaidRequest): boolean {
    if (inDialog !== (message.toTag !== undefined)) return false;
    const callId = creates === undefined && dialog !== null ? this.#callIds.get(dialog) : undefined;
    return callId === undefined ? ![...this.#callIds.values()].includes(message.callId) : message.callId === callId;
  }

  /**
   * A request that is taken for one message of the flow, `F10 7`, and would be another's if all of that method on that hop were
   * to fit as well as they can together.
   */
  mistake(): string | undefined {
    const requests = this.#flow.messages.filter(({ kind }) => kind === 'request');
    for (const first of requests) {
      const group = requests.filter((each) => isAlike(each, first));
      if (group[0] !== first || group.length < 2) continue;
      const taken = group.map(({ f }) => this.#matched.get(f));
      const free = this.#messages.filter((said) => !this.#taken.has(said) && this.#score(first, said) !== undefined);
      const candidates = [...taken.filter((said) => said !== undefined), ...free.slice(0, mostFree)];
      const fits = group.map((expected) => candidates.map((said) => this.#fit(expected, said)));
      const better = bestAssignment(
        fits,
        taken.map((said) => (said === undefined ? undefined : candidates.indexOf(said))),
      );
      const wrong = group.findIndex((_, place) => {
        const now = taken[place];
        return now !== undefined && better[place] !== candidates.indexOf(now);
      });
      const [expected, said] = [group[wrong], taken[wrong]];
      if (expected !== undefined && said !== undefined) return `${expected.f} ${this.#messages.indexOf(said)}`;
    }
    return undefined;
  }

  /** Far below any score where it cannot be, or has been ruled out. */
  #fit(expected: FlowMessage, said: SaidMessage): number {
    const isRuledOut = this.#excluded.has(`${expected.f} ${this.#messages.indexOf(said)}`);
    return isRuledOut ? -1_000 : (this.#score(expected, said) ?? -1_000);
  }

  #score(expected: FlowMessage, said: SaidMessage): number | undefined {
    if (isRequest(said)) return this.#requestScore(expected, said);
    return isResponse(said) ? this.#responseScore(expected, said) : undefined;
  }

  /** How well a request fits; undefined when it cannot be. More than 0 is possible. */
  #requestScore(expected: FlowMessage, said: SaidRequest): number | undefined {
    const { message } = said;
    if (expected.kind !== 'request' || message.method !== expected.method) return undefined;
    // What acknowledges nothing is another ACK.
    if (expected.acks !== undefined && !this.#matched.has(expected.acks)) return undefined;
    let score = 6;
    score += this.#contextScore(expected, said);
    score += this.#outcomeScore(expected, said);
    score += this.#bodies.of(expected, said);
    const acknowledged = expected.acks === undefined ? undefined : this.#matched.get(expected.acks);
    // An ACK that comes before is more likely that of another response, of a challenge.
    if (acknowledged !== undefined && acknowledged.time > said.time) score -= 9;
    const earlier = expected.after.map((f) => this.#matched.get(f)).filter((each) => each !== undefined);
    const isEarly = earlier.some(({ time }) => time > said.time);
    if (this.#isBeforeOwnDialog(expected, said, isEarly)) return undefined;
    if (isEarly) score -= 3;
    // Its answers go where it goes.
    const effects = effectsOf(this.#flow, expected);
    if (effects.some((f) => (this.#matched.get(f)?.time ?? Infinity) < said.time)) score -= 3;
    return score;
  }

  /**
   * Of a dialog with himself a subscriber need not be told (T25): a NOTIFY that was said before it began, or before it was up and tells of none,
   * is about another.
   */
  #isBeforeOwnDialog({ expect }: FlowMessage, said: SaidRequest, isEarly: boolean): boolean {
    const own = expect.dialogInfo?.dialogs.find(({ withSubscriber }) => withSubscriber !== undefined)?.withSubscriber;
    const begun = this.#matched.get(this.#flow.dialogs.find(({ id }) => id === own)?.createdBy ?? '');
    return begun !== undefined && (begun.time > said.time || (isEarly && !tellsOfAny(said)));
  }

  /** Dialog, transaction and the message that it forwards, acknowledges or cancels. */
  #contextScore(expected: FlowMessage, { message }: SaidRequest): number {
    let score = 0;
    const callId = expected.dialog === null ? undefined : this.#callIds.get(expected.dialog);
    if (callId !== undefined && expected.creates === undefined) {
      if (isAbout(message, callId)) score += 12;
      else {
        score += message.callId === callId ? 4 : -4;
        score += this.#tagScore(expected, message.fromTag, message.toTag);
      }
    }
    if (expected.creates !== undefined && [...this.#callIds.values()].includes(message.callId)) score -= 4;
    if (expected.inDialog) score += message.toTag === undefined ? -4 : 4;
    else if (expected.expect.tags.to === null) score += message.toTag === undefined ? 4 : -4;
    const input = this.#said(expected.forwards);
    if (input !== undefined) {
      score += message.callId === input.callId ? 6 : -6;
      score += message.cseqNumber === input.cseqNumber ? 4 : -4;
    }
    const acknowledged = this.#said(expected.acks);
    if (acknowledged !== undefined) {
      score += message.callId === acknowledged.callId ? 4 : -4;
      score += message.cseqNumber === acknowledged.cseqNumber ? 6 : -6;
    }
    const cancelled = this.#said(expected.cancels);
    if (cancelled !== undefined) score += branchOf(message) === branchOf(cancelled) ? 6 : -2;
    return score;
  }

  #learn(dialog: string | null, element: string | null, tag: string | undefined): void {
    const key = `${dialog ?? ''} ${element ?? ''}`;
    if (tag !== undefined && !this.#tags.has(key)) this.#tags.set(key, tag);
  }

  #tagScore({ dialog, expect: { tags } }: FlowMessage, fromTag: string | undefined, toTag: string | undefined): number {
    const score = (element: string | null, found: string | undefined): number => {
      const known = this.#tags.get(`${dialog ?? ''} ${element ?? ''}`);
      return known === undefined ? 0 : known === found ? 3 : -3;
    };
    return score(tags.from, fromTag) + (tags.to === null ? 0 : score(tags.to, toTag));
  }

  /** A request that met a challenge which the flow does not have was repeated (T13): the repetition is the one. */
  #outcomeScore(expected: FlowMessage, said: SaidRequest): number {
    if (expected.method === 'ACK') return 0;
    const final = this.#hops.finalTo(said)?.message.status;
    const isWanted = finalsOf(this.#flow, expected).some(
      ({ status, expect }) => status === final || expect.statusAccept?.includes(final ?? 0),
    );
    const isChallenge = final === 401 || final === 407;
    return isWanted ? 4 : isChallenge ? -16 : 0;
  }

  #responseScore(expected: FlowMessage, said: SaidResponse): number | undefined {
    const { message } = said;
    const request = this.#hops.requestOf(said);
    const method = message.cseqMethod || request?.message.method;
    if (expected.kind !== 'response' || method !== expected.method) return undefined;
    if (!statusesOf(expected).includes(message.status)) return undefined;
    const wanted = expected.answers === undefined ? undefined : this.#matched.get(expected.answers);
    // What answers nothing may still be the answer, with a fault.
    let score = wanted !== undefined && request === wanted ? 8 : request === undefined ? 2 : -20;
    const input = this.#said(expected.forwards);
    if (input !== undefined) score += message.toTag === input.toTag ? 4 : 0;
    if (message.callId === wanted?.message?.callId) score += 2;
    return score;
  }

  #said(f: string | undefined): SaidMessage['message'] {
    return f === undefined ? undefined : this.#matched.get(f)?.message;
  }
}

/** What is drawn behind a message of a flow because of it, and is there without it, too. */
const effectsOf = ofFlow<FlowMessage, readonly string[]>((flow, { f: cause }) => {
  const causes = new Set([cause]);
  return flow.messages.filter((each) => each.after.includes(cause) && !isConsequence(each, causes)).map(({ f }) => f);
});

/** The final responses to a request of a flow. */
const finalsOf = ofFlow<FlowMessage, readonly FlowMessage[]>((flow, { f }) =>
  flow.messages.filter(({ answers, status }) => answers === f && (status ?? 0) >= 200),
);

function isAlike(one: FlowMessage, other: FlowMessage): boolean {
  return one.method === other.method && one.from === other.from && one.to === other.to;
}

/** A REFER outside of the session that it is about (T16). */
function isAbout(message: SaidRequest['message'], callId: string): boolean {
  const target = message.get(TargetDialog);
  return target !== undefined && !(target instanceof SyntaxFault) && target.callId === callId;
}

function statusesOf({ status, expect }: FlowMessage): readonly number[] {
  return expect.statusAccept ?? (status === null ? [] : [status]);
}

function tellsOfAny({ message }: SaidRequest): boolean {
  return readDialogInformation(message.body)?.dialogs.some(({ state }) => state !== 'terminated') === true;
}

/** Whether a request holds or goes on with the sound, or ends a subscription, as the one of the flow does, as far as it tells. */
export function hasPurposeOf({ expect }: FlowMessage, { message }: SaidRequest): boolean {
  const description = expect.sdp === undefined ? undefined : sessionDescriptionOf(message);
  const allowed = expect.sdp?.allowed ?? [expect.sdp?.direction];
  if (description !== undefined && !allowed.includes(directionOfSession(description))) return false;
  const state = expect.subscriptionState === undefined ? undefined : message.get(SubscriptionState);
  if (state === undefined || state instanceof SyntaxFault) return true;
  return (state.state === 'terminated') === (expect.subscriptionState?.state === 'terminated');
}

/** What bodies are worth, found out once: who is taken for what is asked again and again. */
class BodyScores {
  readonly #known = new Map<FlowMessage, Map<SaidRequest['message'], number>>();

  of(expected: FlowMessage, said: SaidRequest): number {
    let scores = this.#known.get(expected);
    if (scores === undefined) {
      scores = new Map();
      this.#known.set(expected, scores);
    }
    const known = scores.get(said.message);
    if (known !== undefined) return known;
    const score = bodyScore(expected, said);
    scores.set(said.message, score);
    return score;
  }
}

function bodyScore({ expect }: FlowMessage, { message }: SaidRequest): number {
  let score = 0;
  if (expect.sdp !== undefined) {
    const description = sessionDescriptionOf(message);
    const allowed = expect.sdp.allowed ?? [expect.sdp.direction];
    if (description === undefined) score -= 2;
    else score += allowed.includes(directionOfSession(description)) ? 6 : -6;
  }
  const isReplacing = expect.replaces !== undefined || expect.join !== undefined;
  if (isReplacing) score += message.has('Replaces') || message.has('Join') ? 3 : -3;
  if (expect.proxyAuthorization !== undefined) score += message.has('Proxy-Authorization') ? 4 : -4;
  if (expect.event !== undefined) {
    const event = message.get(Event);
    const type = event === undefined || event instanceof SyntaxFault ? undefined : event.type;
    score += type === expect.event.package ? 4 : -8;
  }
  if (expect.subscriptionState !== undefined) {
    const state = message.get(SubscriptionState);
    const found = state === undefined || state instanceof SyntaxFault ? undefined : state.state;
    const isEnd = expect.subscriptionState.state === 'terminated';
    score += (found === 'terminated') === isEnd ? 4 : -4;
  }
  if (expect.sipfrag !== undefined) {
    const fragment = SipFragment.parse(message.body);
    const status = fragment instanceof SyntaxFault ? undefined : fragment.status;
    score += Math.floor((status ?? 0) / 100) === expect.sipfrag.class ? 3 : -1;
  }
  if (expect.dialogInfo !== undefined) {
    const states = readDialogInformation(message.body)?.dialogs.map(({ state }) => state) ?? [];
    score += expect.dialogInfo.dialogs.every(({ state }) => states.includes(state)) ? 3 : -1;
  }
  if (expect.expires === 0) score += message.raw('Expires') === '0' ? 2 : -2;
  return score;
}
