import { simulatedContext, VirtualClock } from '@switchhook/sim';
import type { TransportReceiver } from '@switchhook/sip';
import { playCall } from './call-script.ts';
import { bob, MemoryCore } from './memory-core.ts';

/** Milliseconds of virtual time from one call to the next. */
const interval = 10;
/** Longer than any timer of a transaction or of the proxy. */
const longest = 300_000;

/** One call after the other through the core, in virtual time. */
export class Soak {
  readonly #clock = new VirtualClock();
  readonly #core: MemoryCore;
  #receiver: TransportReceiver | undefined = undefined;
  #heard = '';
  #calls = 0;

  constructor() {
    this.#core = new MemoryCore(simulatedContext('soak', this.#clock), (text, flow) => {
      if (flow.remote === bob) this.#heard = text;
    });
  }

  async start(): Promise<void> {
    this.#receiver = await this.#core.start();
  }

  /** Four transactions: INVITE and BYE, on both sides. */
  call(): void {
    const { alice, bob: callee } = this.#core.transport;
    playCall(
      this.#calls,
      (text, fromAlice) => this.#receiver?.message(text, fromAlice ? alice : callee),
      () => this.#heard,
    );
    this.#calls += 1;
    this.#clock.advance(interval);
  }

  /** How many have begun. */
  get transactions(): number {
    const { clientRequests, serverRequests } = this.#core.transactions.stats().counters;
    return clientRequests + serverRequests;
  }

  /** How many are still kept for retransmissions that may come. */
  get remembered(): number {
    const { clientTransactions, serverTransactions } = this.#core.transactions.stats();
    return clientTransactions + serverTransactions;
  }

  /** Lets the time of every timer pass, and tells what is held then. */
  async finish(): Promise<Readonly<Record<string, number>>> {
    this.#clock.advance(longest);
    const { clientTransactions, serverTransactions, timers, watchedFlows, counters } = this.#core.transactions.stats();
    const { requests } = this.#core.proxy.stats();
    const pending = this.#clock.pending;
    await this.#core.transactions.stop();
    const { retransmissions, timeouts } = counters;
    return {
      clientTransactions,
      serverTransactions,
      timers,
      watchedFlows,
      requests,
      pending,
      retransmissions,
      timeouts,
    };
  }
}
