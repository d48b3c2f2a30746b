import type { SipContext } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import { chooseCrypto } from './crypto-attribute.ts';
import type {
  LocalHold,
  MediaCapability,
  MediaDirection,
  MediaEngine,
  MediaNegotiation,
  MediaRefusal,
  MediaStream,
} from './media.ts';
import { receives } from './media-direction.ts';
import { StreamForks } from './stream-forks.ts';
import type { StreamFork } from './stream-forks.ts';
import { parseSessionDescription } from './session-description-parser.ts';
import { printSessionDescription } from './session-description-writer.ts';
import type { MediaDescription, SessionTiming } from './session-description.ts';
import {
  acceptLine,
  answerTo,
  holdIn,
  offeredDirection,
  offerOf,
  openedLine,
  possibleDescription,
  refusalOf,
  refused,
  refusedDescription,
} from './stream-line.ts';
import type { StandingStream, StreamLine } from './stream-line.ts';
import { PayloadTypes } from './payload-types.ts';

/** What stands between both sides. */
interface Agreed {
  readonly lines: readonly StreamLine[];
  /** As this side has described them. */
  readonly said: readonly MediaDescription[];
  readonly localHold: LocalHold;
  readonly remoteHold: boolean;
}

/** The exchange that is open. */
interface OpenOffer {
  readonly before: Agreed;
  /** What it opened, to be closed again if nothing comes of it. */
  readonly opened: readonly MediaStream[];
  /** Its streams are at the addresses that the machine has now. */
  readonly hasMoved: boolean;
  /** As an offer of this side said it. */
  readonly offered?: readonly MediaDescription[];
  /** The lines as they are offered, or what becomes of them when the answer goes out. */
  readonly next: Agreed;
}

const nothing: Agreed = { lines: [], said: [], localHold: 'none', remoteHold: false };
/** An o= has an address even where there is no stream (RFC 3323 4.1.1.3 makes such names). */
const noAddress = 'anonymous.invalid';

/** Offers and answers by the rules of RFC 3264, over the streams of a {@link MediaEngine}. */
export class StreamNegotiation implements MediaNegotiation, StreamFork {
  localHold: LocalHold = 'none';
  readonly #context: Pick<SipContext, 'random'>;
  readonly #engine: MediaEngine;
  readonly #forks: StreamForks;
  readonly #sessionId: string;
  #originAddress: string | undefined = undefined;
  /** What the far end's last offer says of the time: an answer says the same (RFC 3264 6), and later offers do. */
  #timing: SessionTiming | undefined = undefined;
  /** The description that went out last, with a version that is 1 higher than that of any other before it. */
  #sent = { version: 0, text: '' };
  #agreed = nothing;
  #open: OpenOffer | undefined = undefined;
  /** The streams that stand are at addresses of before. */
  #hasMoved = false;
  #closed = false;

  /** `parent` for a branch of its own, see {@link fork}. */
  constructor(context: Pick<SipContext, 'random'>, engine: MediaEngine, parent?: StreamNegotiation) {
    this.#context = context;
    this.#engine = engine;
    if (parent === undefined) {
      this.#forks = new StreamForks();
      // 48 bits, as a number that every parser can hold (RFC 8866 5.2).
      this.#sessionId = String(1 + Math.floor(context.random.fraction() * 2 ** 48));
    } else {
      this.#forks = parent.#forks;
      this.#sessionId = parent.#sessionId;
      this.localHold = parent.localHold;
      this.#originAddress = parent.#originAddress;
      this.#sent = parent.#sent;
      this.#agreed = parent.#agreed;
      this.#open = parent.#open;
    }
    this.#forks.join(this);
  }

  fork(): StreamNegotiation {
    return new StreamNegotiation(this.#context, this.#engine, this);
  }

  uses(stream: MediaStream): boolean {
    const { opened = [], before, next } = this.#open ?? {};
    const lines = [this.#agreed, before, next].flatMap((each) => each?.lines ?? []);
    return opened.includes(stream) || lines.some(({ standing }) => standing?.stream === stream);
  }

  resume(): void {
    for (const { standing } of this.#agreed.lines) {
      if (standing?.agreement !== undefined) standing.stream.apply(standing.agreement);
    }
  }

  get remoteHold(): boolean {
    return this.#agreed.remoteHold;
  }

  get direction(): MediaDirection {
    return this.#first?.agreement?.direction ?? 'inactive';
  }

  get lastReceived(): number | undefined {
    return this.#first?.stream.lastReceived;
  }

  get #first(): StandingStream | undefined {
    return this.#agreed.lines.find((line) => line.standing !== undefined)?.standing;
  }

  move(): void {
    this.#hasMoved = this.#agreed.lines.length > 0;
  }

  async createOffer(refresh = false): Promise<string> {
    const { localHold } = this;
    const hasMoved = this.#hasMoved;
    const before = this.#agreed;
    const opened: MediaStream[] = [];
    const lines: StreamLine[] = [...before.lines];
    try {
      if (lines.every((line) => line.standing === undefined)) {
        // What was refused or has ended leaves its place to what is offered anew (RFC 3264 8.1).
        for (const [index, capability] of this.#engine.capabilities.entries()) {
          lines[index] = openedLine(capability, await this.#openStream(capability.kind, undefined, opened));
        }
      } else if (hasMoved) {
        for (const [index, line] of before.lines.entries()) {
          const { standing } = line;
          if (standing === undefined) continue;
          const { capability, agreement } = standing;
          const stream = await this.#openStream(capability.kind, agreement?.remote.address, opened);
          lines[index] = { ...line, standing: { ...standing, stream } };
        }
      }
    } catch (error) {
      this.#closeAll(opened);
      throw error;
    }
    const direction = this.#offeredDirection();
    const isSame = refresh && !hasMoved && before.said.length === lines.length;
    const offered = isSame
      ? before.said
      : lines.map((line) =>
          line.standing === undefined ? refusedDescription(line) : offerOf(line, line.standing, direction),
        );
    this.#open = {
      before,
      opened,
      hasMoved,
      offered,
      next: { lines, said: offered, localHold, remoteHold: before.remoteHold },
    };
    return this.#describe(offered);
  }

  async createAnswer(offer: string, said?: string): Promise<string | MediaRefusal> {
    const { localHold } = this;
    const hasMoved = this.#hasMoved;
    const description = parseSessionDescription(offer);
    if (description instanceof SyntaxFault) return unreadable(description);
    this.#timing = description.timing;
    const before = this.#agreed;
    if (description.media.length < before.lines.length) {
      return refused(488, 399, 'the offer has fewer streams than the session');
    }
    const chosen = this.#choose(description.media);
    const reason = chosen.refusals[0];
    const wantsMedia = description.media.some(({ port }) => port > 0);
    if (wantsMedia && chosen.accepted.size === 0 && reason !== undefined) return reason;

    const opened: MediaStream[] = [];
    const lines: StreamLine[] = [];
    const answer: MediaDescription[] = [];
    let isHeld: boolean | undefined;
    for (const [index, offered] of description.media.entries()) {
      const capability = chosen.accepted.get(index);
      if (capability === undefined) {
        const { kind, protocol, formatList } = offered;
        lines.push({ kind, protocol, formatList });
        answer.push(refusedDescription(offered));
        continue;
      }
      const known = before.lines[index]?.standing;
      let stream = known?.capability === capability && !hasMoved ? known.stream : undefined;
      const payloadTypes = (known?.capability === capability ? known.payloadTypes : undefined) ?? PayloadTypes.NONE;
      try {
        stream ??= await this.#openStream(capability.kind, offered.address, opened);
      } catch {
        this.#closeAll(opened);
        return refused(503, 399, `no port for ${capability.kind}`);
      }
      const wanted = localHold === 'none' ? 'sendrecv' : localHold;
      const answered = answerTo(offered, { stream, capability, payloadTypes }, wanted);
      isHeld ??= !receives(offeredDirection(offered));
      lines.push(answered.line);
      answer.push(answered.description);
    }
    // Who has no stream, or wants none any more, wants to hear nothing.
    const remoteHold = isHeld ?? true;
    const theirs = said === undefined ? undefined : parseSessionDescription(said);
    // Others may have said anything.
    const isAnswer = theirs !== undefined && !(theirs instanceof SyntaxFault) && theirs.media.length === answer.length;
    const ours = isAnswer ? theirs.media : answer;
    this.#open = { before, opened, hasMoved, next: { lines, said: ours, localHold, remoteHold } };
    return this.#describe(ours);
  }

  capabilities(): string {
    const origin = { username: '-', sessionId: this.#sessionId, version: 1, address: noAddress };
    return printSessionDescription({ origin, media: this.#engine.capabilities.map(possibleDescription) });
  }

  acceptAnswer(answer: string, early = false): Promise<MediaRefusal | undefined> {
    return Promise.resolve(this.#accept(answer, early));
  }

  commit(): void {
    const open = this.#open;
    if (open === undefined || open.offered !== undefined) return;
    this.#agree(open.next);
    this.#conclude(open);
  }

  rollback(): void {
    const open = this.#open;
    this.localHold = (open?.before ?? this.#agreed).localHold;
    if (open === undefined) return;
    this.#open = undefined;
    this.#apply(open.before);
    this.#closeAll(open.opened);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const open = this.#open;
    this.#open = undefined;
    const standing = [...(open?.before.lines ?? []), ...this.#agreed.lines].map((line) => line.standing?.stream);
    this.#agreed = nothing;
    this.#forks.leave(this);
    this.#closeAll([...standing, ...(open?.opened ?? [])]);
  }

  #accept(answer: string, early: boolean): MediaRefusal | undefined {
    const open = this.#open;
    if (open?.offered === undefined) return refused(488, 399, 'an answer without an offer');
    const description = parseSessionDescription(answer);
    if (description instanceof SyntaxFault) return unreadable(description);
    const { offered, next } = open;
    if (description.media.length !== offered.length) {
      return refused(488, 399, 'the answer has another number of streams than the offer');
    }
    const lines: StreamLine[] = [];
    let isHeld: boolean | undefined;
    for (const [index, line] of next.lines.entries()) {
      const [own, theirs] = [offered[index], description.media[index]];
      if (line.standing === undefined || own === undefined || theirs === undefined) {
        lines.push(line);
        continue;
      }
      const accepted = acceptLine(line, line.standing, own, theirs);
      if ('reason' in accepted) return accepted;
      if (accepted.standing !== undefined) isHeld ??= holdIn(theirs, own.direction);
      lines.push(accepted);
    }
    const hasStream = lines.some(({ standing }) => standing !== undefined);
    if (!hasStream && !early && open.before.lines.length === 0) return refused(488, 399, 'the answer has no stream');
    const agreed = { ...next, lines, remoteHold: isHeld ?? (!hasStream || next.remoteHold) };
    this.#agree(agreed);
    if (!early) this.#conclude(open);
    return undefined;
  }

  /** RFC 3264 8.4: a hold of a stream in which nothing comes anyway says `inactive`. */
  #offeredDirection(): MediaDirection {
    if (this.localHold === 'none') return 'sendrecv';
    return this.#agreed.remoteHold ? 'inactive' : this.localHold;
  }

  /**
   * Of each kind one stream: the one that stands, else one with keys where SRTP is wanted, else the first. That is also
   * what those want who offer the same stream twice, with SRTP and without.
   */
  #choose(media: readonly MediaDescription[]): {
    readonly accepted: ReadonlyMap<number, MediaCapability>;
    readonly refusals: readonly MediaRefusal[];
  } {
    const accepted = new Map<number, MediaCapability>();
    const refusals: MediaRefusal[] = [];
    const candidates = new Map<MediaCapability, number[]>();
    for (const [index, offered] of media.entries()) {
      if (offered.port === 0) continue;
      const capability = this.#engine.capabilities.find(({ kind }) => kind === offered.kind.toLowerCase());
      const refusal = refusalOf(offered, capability);
      if (refusal !== undefined) refusals.push(refusal);
      else if (capability !== undefined) candidates.set(capability, [...(candidates.get(capability) ?? []), index]);
    }
    for (const [capability, [first = 0, ...others]] of candidates) {
      const stands = (index: number): boolean => this.#agreed.lines[index]?.standing?.capability === capability;
      const hasKey = (index: number): boolean =>
        capability.security !== 'none' &&
        chooseCrypto(media[index]?.crypto ?? [], capability.cryptoSuites) !== undefined;
      const indices = [first, ...others];
      accepted.set(indices.find(stands) ?? indices.find(hasKey) ?? first, capability);
    }
    return { accepted, refusals };
  }

  async #openStream(
    kind: MediaCapability['kind'],
    remote: string | undefined,
    opened: MediaStream[],
  ): Promise<MediaStream> {
    const stream = await this.#engine.open(kind, remote);
    opened.push(stream);
    if (this.#closed) throw new Error('the session ended while a port was opened for it');
    return stream;
  }

  /** RFC 3264 8: one version higher where anything differs from what was said last, the same where nothing does. */
  #describe(media: readonly MediaDescription[]): string {
    this.#originAddress ??= media.find(({ port }) => port > 0)?.address;
    const address = this.#originAddress ?? noAddress;
    const timing = this.#timing;
    const print = (version: number): string =>
      printSessionDescription({
        origin: { username: '-', sessionId: this.#sessionId, version, address },
        timing,
        media,
      });
    const { version, text } = this.#sent;
    if (version > 0 && print(version) === text) return text;
    this.#sent = { version: version + 1, text: print(version + 1) };
    return this.#sent.text;
  }

  /** The first agreement of a branch has the streams; later ones change them where the branch still has them. */
  #agree(next: Agreed): void {
    if (this.#closed) return;
    const isFirst = this.#agreed.lines.length === 0;
    if (!isFirst || this.#forks.has(this)) {
      this.#apply(next);
      return;
    }
    this.#agreed = next;
    this.#forks.take(this);
    this.resume();
  }

  #apply(next: Agreed): void {
    const before = this.#agreed;
    this.#agreed = next;
    if (!this.#forks.has(this)) return;
    for (const { standing } of next.lines) {
      if (standing?.agreement === undefined) continue;
      const known = before.lines.find((line) => line.standing?.stream === standing.stream)?.standing?.agreement;
      const isNew = known === undefined || JSON.stringify(known) !== JSON.stringify(standing.agreement);
      if (isNew) standing.stream.apply(standing.agreement);
    }
  }

  /** Closes what the agreement has no more use for. */
  #conclude({ before, opened, hasMoved }: OpenOffer): void {
    this.#open = undefined;
    if (hasMoved) this.#hasMoved = false;
    const kept = new Set(this.#agreed.lines.map((line) => line.standing?.stream));
    const streams = [...before.lines.map((line) => line.standing?.stream), ...opened];
    this.#closeAll(streams.filter((stream) => !kept.has(stream)));
  }

  /** But for those that other branches have a use for. */
  #closeAll(streams: Iterable<MediaStream | undefined>): void {
    for (const stream of new Set(streams)) if (stream !== undefined && this.#forks.isFree(stream, this)) stream.close();
  }
}

function unreadable({ status, reason }: SyntaxFault): MediaRefusal {
  return refused(status, 399, reason);
}
