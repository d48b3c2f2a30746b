/**
 * Where a phone keeps its call log over restarts: a file on a machine, the storage of a page. It holds a text, a line a call;
 * what stands in a line is the phone's own business. A promise that rejects is told as an event, and the log goes on without.
 */
export interface CallLogStore {
  /** All that was written; empty where nothing was yet. */
  read(): Promise<string>;
  /** Adds to the end of it. Several phones may add to one log. */
  append(text: string): Promise<void>;
  /** Puts a text in the place of all of it, or changes nothing. */
  replace(text: string): Promise<void>;
}
