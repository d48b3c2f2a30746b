import type { LineEditor } from './line-editor.ts';

/** How a line of the log is meant: an event, something good, something that wants attention, something that failed. */
export type Tone = 'plain' | 'good' | 'attention' | 'bad';

export interface LogLine {
  /** `23:41:03` */
  readonly time: string;
  readonly text: string;
  readonly tone: Tone;
}

/** One call, as it is shown. Texts from outside have been made printable. */
export interface CallRow {
  readonly number: number;
  readonly direction: 'outgoing' | 'incoming';
  readonly name: string;
  readonly uri: string;
  /** `talking`, `ringing`, `you hold`. */
  readonly state: string;
  readonly tone: Tone;
  /** Since it began to ring, or since it was answered. */
  readonly seconds: number;
  /** `PCMU`; undefined where nothing is agreed yet. */
  readonly codec: string | undefined;
  readonly encrypted: boolean;
  readonly muted: boolean;
  /** The digits that came last. */
  readonly digits: string;
  /** The call that has the microphone and the loudspeaker. */
  readonly active: boolean;
}

/** One of the keys of the last line, and what it does at the moment. */
export interface KeyHint {
  readonly key: string;
  readonly act: string;
}

/** A line of a page: what it is about, and what is said of it, wrapped beside it. */
export interface PageLine {
  readonly head: string;
  readonly text: string;
}

/** All that the screen shows. */
export interface PhoneView {
  readonly addressOfRecord: string;
  readonly registration: string;
  readonly registrationTone: Tone;
  /** Do not disturb, call waiting off: what is not as usual. */
  readonly settings: readonly string[];
  readonly calls: readonly CallRow[];
  readonly log: readonly LogLine[];
  /** Lines of the log that lie below the screen, or lines of the page that lie above it, when the person has scrolled. */
  readonly scrolled: number;
  /** A page in the place of the log: help, the call log. */
  readonly page: readonly PageLine[] | undefined;
  readonly input: LineEditor;
  /** Above the input line: what Tab found, what is wrong with the line, what waits for an answer. */
  readonly hint: string;
  readonly hintTone: Tone;
  readonly keys: readonly KeyHint[];
}
