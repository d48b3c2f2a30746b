import type { Clock, Timer } from '@switchhook/sip';
import { checkFlow } from '../checker/check.ts';
import type { Finding, Report } from '../checker/finding.ts';
import type { Recorder } from '../conversation/recorder.ts';
import type { FlowDescription } from '../oracle/flow-schema.ts';
import { drawEntry, drawHead, markOf } from './flow-ladder.ts';
import { ladderEntries } from './ladder-entries.ts';
import type { LadderEntry } from './ladder-entries.ts';

/** Milliseconds until a message is drawn: a challenge that makes it one that the flow does not have comes within them. */
const messageDelay = 150;
/** Milliseconds until it is drawn what goes after a message, and until it is drawn that nothing does. */
const mediaDelay = 500;
const silenceDelay = 1_000;
const delays = {
  message: messageDelay,
  missing: 0,
  media: mediaDelay,
  both: mediaDelay,
  silence: silenceDelay,
} as const satisfies Record<LadderEntry['kind'], number>;
/** Milliseconds between two looks. */
const pause = 50;

/** Rules that can be broken only by what does not come any more, or stays: they are looked at when all is over. */
const laterRules: ReadonlySet<string> = new Set(['message', 'status', 'unexpected', 'media', 'mix', 'order', 'closes']);

/**
 * Draws a ladder while the flow is played, each line as soon as it can be known: which message of the flow it is, and
 * whether it is right. What turns out to be wrong only later is told below, by its number.
 */
export class LiveLadder {
  readonly #flow: FlowDescription;
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #print: (text: string) => void;
  readonly #columns: number | undefined;
  /** Which lines are drawn: a message under the number that it has. */
  readonly #drawn = new Map<unknown, LadderEntry>();
  readonly #told = new Set<string>();
  #timer: Timer | undefined;
  #unsubscribe: (() => void) | undefined;

  /** `clock.now` is the clock by which the recorder is told times; `columns` are those of a terminal. */
  constructor(
    flow: FlowDescription,
    recorder: Recorder,
    clock: Clock,
    print: (text: string) => void,
    columns?: number,
  ) {
    this.#flow = flow;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#print = print;
    this.#columns = columns;
  }

  /** Draws the names above the lifelines, and from now on a line for each message. */
  start(): void {
    this.#print(drawHead(this.#flow, this.#columns));
    this.#unsubscribe = this.#recorder.onSaid(() => this.#look());
  }

  /** Draws the rest, as the report has it, and listens no more. */
  finish(report: Report): void {
    this.stop();
    this.#draw(report, Infinity, () => true);
  }

  /** Listens no more, and draws nothing of what is missing. */
  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer ??= this.#clock.after(pause, () => {
      this.#timer = undefined;
      const now = this.#clock.now();
      const report = checkFlow(this.#flow, this.#recorder.conversation(now));
      const isComplete = this.#draw(report, now, isKnown);
      if (!isComplete) this.#look();
    });
  }

  /** Draws what is due, in its order; answers whether that is everything. */
  #draw(report: Report, now: number, isOfInterest: (finding: Finding) => boolean): boolean {
    const begin = report.messages[0]?.time ?? 0;
    for (const entry of ladderEntries(report)) {
      const failures = entry.failures.filter(isOfInterest);
      // What is no message of the flow, and had no time yet to become one, is not shown.
      if (entry.kind === 'missing' ? now < Infinity : entry.f === undefined && failures.length === 0) continue;
      const key = keyOf(entry);
      const drawn = this.#drawn.get(key);
      if (drawn === undefined || drawn.f !== entry.f || drawn.kind !== entry.kind) {
        if (entry.time + delays[entry.kind] > now) return false;
        this.#print(drawEntry(this.#flow, { ...entry, failures }, begin, this.#columns));
        this.#drawn.set(key, entry);
        for (const finding of failures) this.#told.add(nameOf(finding));
        continue;
      }
      const news = failures.filter((finding) => !this.#told.has(nameOf(finding)));
      if (news.length === 0) continue;
      this.#print(`         ${entry.label} ${entry.f ?? ''} after all: ${markOf(news)}\n`);
      for (const finding of news) this.#told.add(nameOf(finding));
    }
    return true;
  }
}

function isKnown({ rule }: Finding): boolean {
  return !laterRules.has(rule) && !/^N\d/.test(rule);
}

/** A message stays the same when its repetition comes; media are known by where they stand. */
function keyOf(entry: LadderEntry): unknown {
  if (entry.kind === 'message') return entry.said.message ?? entry.said;
  const { kind, f, from, to } = entry;
  return kind === 'missing' ? `missing ${f}` : `media ${f} ${[from, to].sort().join(' ')}`;
}

function nameOf({ message, rule, found }: Finding): string {
  return `${message ?? ''} ${rule} ${found}`;
}
