import type { Misfortune, SimulatedNetwork, TraceEntry } from '@switchhook/sim';
import type { Conversation, SaidMessage } from '../conversation/conversation.ts';
import { Recorder } from '../conversation/recorder.ts';
import type { Played } from '../stage/played.ts';

/** What became of a play in the simulator. */
export interface SimulatedPlay extends Required<Played> {
  readonly misfortunes: readonly Misfortune[];
}

/** Which messages of a network are those of a play, and until when. */
interface Extent {
  isShown(entry: TraceEntry): boolean;
  /** When the script was played. */
  readonly end: number;
  /** When nothing more was said because of it. */
  readonly silence: number;
  /** When nothing more was said at all. */
  readonly quiet: number;
}

/** A play whose messages are read when somebody asks for them: of most stories is only asked what is left. */
export class TracedPlay implements SimulatedPlay {
  readonly error: Error | undefined;
  readonly leftOvers: readonly string[];
  readonly misfortunes: readonly Misfortune[];
  readonly later = (): readonly SaidMessage[] => {
    const { silence, quiet } = this.#extent;
    return this.#said((entry) => entry.time >= silence && entry.time < quiet && this.#extent.isShown(entry));
  };
  readonly besides = (): readonly SaidMessage[] =>
    this.#said((entry) => entry.time < this.#extent.silence && !this.#extent.isShown(entry));
  readonly #recorder: Recorder;
  readonly #entries: readonly TraceEntry[];
  readonly #extent: Extent;
  #conversation: Conversation | undefined;

  constructor(
    recorder: Recorder,
    { trace, misfortunes }: SimulatedNetwork,
    extent: Extent,
    { error, leftOvers }: Pick<Played, 'error' | 'leftOvers'>,
  ) {
    this.error = error;
    this.leftOvers = leftOvers;
    this.misfortunes = misfortunes;
    this.#recorder = recorder;
    this.#entries = trace.entries;
    this.#extent = extent;
  }

  get conversation(): Conversation {
    this.#conversation ??= this.#record();
    return this.#conversation;
  }

  /** All of it. */
  read(): SimulatedPlay {
    const { conversation, later, besides, error, leftOvers, misfortunes } = this;
    return { conversation, later, besides, error, leftOvers, misfortunes };
  }

  #record(): Conversation {
    const { silence, end } = this.#extent;
    this.#recorder.trace(this.#entries.filter((entry) => entry.time < silence && this.#extent.isShown(entry)));
    return this.#recorder.conversation(end);
  }

  #said(isMeant: (entry: TraceEntry) => boolean): readonly SaidMessage[] {
    const recorder = new Recorder(this.conversation.participants);
    recorder.trace(this.#entries.filter(isMeant));
    return recorder.messages;
  }
}
