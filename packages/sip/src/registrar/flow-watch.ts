import type { Flow } from '../transport/contract.ts';

/** What the registrar needs of a flow. */
export type RegistrarFlow = Pick<Flow, 'id' | 'protocol' | 'remote' | 'closed' | 'onClose' | 'close'>;

interface Watched {
  readonly flow: RegistrarFlow;
  readonly addressesOfRecord: Set<string>;
  readonly end: () => void;
}

/** Remembers which addresses of record have bindings over which connection, and tells when the connection ends. */
export class FlowWatch {
  readonly #ended: (flow: number, addressesOfRecord: Iterable<string>) => void;
  readonly #flows = new Map<number, Watched>();

  constructor(ended: (flow: number, addressesOfRecord: Iterable<string>) => void) {
    this.#ended = ended;
  }

  get size(): number {
    return this.#flows.size;
  }

  watch(flow: RegistrarFlow, addressOfRecord: string): void {
    const watched = this.#flows.get(flow.id);
    if (watched !== undefined) {
      watched.addressesOfRecord.add(addressOfRecord);
      return;
    }
    const addressesOfRecord = new Set([addressOfRecord]);
    const end = flow.onClose(() => {
      this.#flows.delete(flow.id);
      this.#ended(flow.id, addressesOfRecord);
    });
    // A flow that has ended already has called back.
    if (!flow.closed) this.#flows.set(flow.id, { flow, addressesOfRecord, end });
  }

  /**
   * The address has its binding over another connection now. One that nobody is bound over any more is closed: its far end has
   * left it, perhaps without a word, and whoever still sends over it would wait in vain.
   */
  superseded(id: number, addressOfRecord: string): void {
    const watched = this.#flows.get(id);
    watched?.addressesOfRecord.delete(addressOfRecord);
    if (watched?.addressesOfRecord.size === 0) watched.flow.close('closed');
  }

  stop(): void {
    for (const { end } of this.#flows.values()) end();
    this.#flows.clear();
  }
}
