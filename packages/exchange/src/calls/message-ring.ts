import type { LadderMessage } from './ladder.ts';

/** The most recent messages, a bounded number of them; the oldest give way. */
export class MessageRing {
  readonly #capacity: number;
  readonly #messages: LadderMessage[] = [];
  #next = 0;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  add(message: LadderMessage): void {
    this.#messages[this.#next] = message;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** The messages of the most recent call whose Call-ID begins with `prefix`, oldest first. */
  ofCall(prefix: string): LadderMessage[] {
    const inOrder = [...this.#messages.slice(this.#next), ...this.#messages.slice(0, this.#next)];
    const callId = inOrder.findLast((message) => message.callId.startsWith(prefix))?.callId;
    return inOrder.filter((message) => message.callId === callId);
  }
}
