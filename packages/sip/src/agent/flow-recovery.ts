import type { Clock, Timer } from '../context.ts';
import type { RequestFailure, SendOptions } from '../dialog/contract.ts';
import type { SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';

/** Milliseconds between tries of a request whose flow has failed. */
const pause = 2_000;
/** Milliseconds for which it is tried: it may be the far end's flow that failed, who takes a while to form another one. */
const longest = 30_000;
/** What becomes of a flow that has failed. */
const flowFailures: ReadonlySet<string> = new Set(['closed', 'refused', 'unreachable']);

/** Lets a request go again whose flow has failed, this side's or the far end's (RFC 5626 4.5, 5.3.1). */
export class FlowRecovery {
  readonly #clock: Clock;
  readonly #recover: SendOptions['recover'];
  #failedAt: number | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #stopped = false;

  constructor(clock: Clock, recover: SendOptions['recover']) {
    this.#clock = clock;
    this.#recover = recover;
  }

  /** True when `again` will be called: once the flow has been formed anew, or could not be. */
  begin(dead: Flow | undefined, again: () => void): boolean {
    const isFirst = this.#failedAt === undefined;
    this.#failedAt ??= this.#clock.now();
    if (this.#clock.now() - this.#failedAt >= longest) return false;
    const recovered = this.#recover?.(dead);
    void recovered?.then(() => {
      if (this.#stopped) return;
      this.#timer = this.#clock.after(isFirst ? 0 : pause, again);
    });
    return recovered !== undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}

/** Whether a flow is to blame. `isDeaf`: nothing has come back over a connection, not even a 100 (RFC 4320 4.1). */
export function isFlowFailure(outcome: SipResponse | RequestFailure | undefined, isDeaf: boolean): boolean {
  if (outcome === undefined || !('code' in outcome)) return outcome?.status === 430;
  return flowFailures.has(outcome.code) || (outcome.code === 'timeout' && isDeaf);
}
