import { maximumCSeq } from '../message/headers/cseq.ts';

/** The CSeq numbers of one sender in one dialog, or of one request outside of dialogs (RFC 3261 8.1.1.5, 12.2.1.1). */
export class SequenceNumbers {
  #last: number;

  /** `last` is the number used last; 0 for none. */
  constructor(last = 0) {
    this.#last = last;
  }

  get last(): number {
    return this.#last;
  }

  /** The next number: one more each time, up to 2**31 - 1. */
  next(): number {
    this.#last = Math.min(this.#last + 1, maximumCSeq);
    return this.#last;
  }
}
