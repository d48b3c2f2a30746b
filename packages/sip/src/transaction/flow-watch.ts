import type { Flow, TransportError } from '../transport/contract.ts';

/** Who wants to know that a connection is gone. */
export interface FlowDependent {
  readonly flow: Flow;
  transportFailed(error: TransportError): void;
}

/**
 * Tells the transactions on a connection when it ends. A connection that could not be made, or breaks, will not
 * bring a response, and nothing is repeated on it. A connection is listened to once, until its end: its transactions
 * come and go by the thousand.
 */
export class FlowWatch {
  readonly #flows = new Map<number, Set<FlowDependent>>();

  /** Connections with transactions on them that wait for something. */
  get size(): number {
    let size = 0;
    for (const dependents of this.#flows.values()) if (dependents.size > 0) size += 1;
    return size;
  }

  add(dependent: FlowDependent): void {
    const { flow } = dependent;
    const known = this.#flows.get(flow.id);
    if (known !== undefined) {
      known.add(dependent);
      return;
    }
    const dependents = new Set([dependent]);
    this.#flows.set(flow.id, dependents);
    flow.onClose((error) => {
      this.#flows.delete(flow.id);
      for (const each of dependents) each.transportFailed(error);
    });
  }

  remove(dependent: FlowDependent): void {
    this.#flows.get(dependent.flow.id)?.delete(dependent);
  }
}
