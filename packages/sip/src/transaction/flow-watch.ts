import type { Flow, TransportError } from '../transport/contract.ts';

/** Who wants to know that a connection is gone. */
export interface FlowDependent {
  readonly flow: Flow;
  transportFailed(error: TransportError): void;
}

interface Watched {
  readonly dependents: Set<FlowDependent>;
  release: () => void;
}

/**
 * Tells the transactions on a connection when it ends. A connection that could not be made, or breaks, will not
 * bring a response, and nothing is repeated on it.
 */
export class FlowWatch {
  readonly #flows = new Map<number, Watched>();

  get size(): number {
    return this.#flows.size;
  }

  add(dependent: FlowDependent): void {
    const { flow } = dependent;
    const known = this.#flows.get(flow.id);
    if (known !== undefined) {
      known.dependents.add(dependent);
      return;
    }
    const watched: Watched = { dependents: new Set([dependent]), release: () => undefined };
    this.#flows.set(flow.id, watched);
    watched.release = flow.onClose((error) => {
      if (this.#flows.get(flow.id) === watched) this.#flows.delete(flow.id);
      for (const each of watched.dependents) each.transportFailed(error);
      watched.dependents.clear();
    });
  }

  remove(dependent: FlowDependent): void {
    const watched = this.#flows.get(dependent.flow.id);
    if (watched === undefined) return;
    watched.dependents.delete(dependent);
    if (watched.dependents.size > 0) return;
    this.#flows.delete(dependent.flow.id);
    watched.release();
  }
}
