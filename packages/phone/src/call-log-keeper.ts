import { printCallLogLine, readCallLogLine } from './call-log-line.ts';
import type { CallLogStore } from './call-log-store.ts';
import { callLogLength } from './services/call-log.ts';
import type { CallLog, CallLogEntry } from './services/call-log.ts';

/** A log of so many lines is shortened to what is kept of it when a phone starts. */
const longestLog = 2 * callLogLength;

/** Keeps a call log over restarts of its phone. */
export class CallLogKeeper {
  readonly #log: CallLog;
  readonly #store: CallLogStore;
  readonly #onFault: (message: string) => void;
  /** One after another, so that lines stand in the order of the calls. */
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;
  readonly #clear = (): void => this.#write(() => this.#store.replace(''));

  constructor(log: CallLog, store: CallLogStore, onFault: (message: string) => void) {
    this.#log = log;
    this.#store = store;
    this.#onFault = onFault;
  }

  /** Fills the log with what was kept. */
  async open(): Promise<void> {
    this.#log.onClear = this.#clear;
    let text: string;
    try {
      text = await this.#store.read();
    } catch (error) {
      this.#complain('the call log cannot be read', error);
      return;
    }
    const lines = text.split('\n').filter((line) => line !== '');
    const entries = lines.map(readCallLogLine);
    const unread = entries.filter((entry) => entry === undefined).length;
    for (const entry of entries) if (entry !== undefined) this.#log.add(entry);
    if (unread > 0) {
      const what = unread === 1 ? 'a line' : `${String(unread)} lines`;
      this.#onFault(`${what} of the call log cannot be read, and will be left out`);
    }
    // A line that was being written when the machine stopped is not to damage the next one.
    if (text !== '' && !text.endsWith('\n')) this.#write(() => this.#store.append('\n'));
    if (lines.length <= longestLog) return;
    // What a later version has written stays, as far as it is not too old.
    this.#write(() => this.#store.replace(`${lines.slice(-callLogLength).join('\n')}\n`));
    await this.close();
  }

  keep(entry: CallLogEntry): void {
    this.#write(() => this.#store.append(printCallLogLine(entry)));
  }

  /** Resolves when all that was to be kept is. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #write(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).then(
      () => {
        this.#hasFailed = false;
      },
      (error: unknown) => {
        this.#complain('the call log cannot be kept', error);
      },
    );
  }

  /** Once, until it is possible again. */
  #complain(what: string, error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onFault(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
