import type { Timer } from '@switchhook/sip';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

const ping = '\r\n\r\n';
const pong = '\r\n';
const pongTimeout = 10_000;
/** Seconds between keep-alives without a Flow-Timer (RFC 5626 4.4.1 and 4.4.2). */
const defaultInterval = { reliable: 120, unreliable: 29 };
/** A connection repeats a ping by itself; on UDP several have to stay without an answer. */
const patience = { reliable: 1, unreliable: 3 };

/** What a keep-alive does with its flow. */
export interface KeepAliveFlow {
  readonly reliable: boolean;
  send(text: string): void;
  close(reason: 'timeout'): void;
}

/**
 * The keep-alives of RFC 5626 4.4, both sides. On UDP the simulator says with line ends what STUN says in the open:
 * the way is open, and its NAT mapping stays.
 */
export class KeepAlive {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #flow: KeepAliveFlow;
  #interval = 0;
  #unanswered = 0;
  #timer: Timer | undefined;

  constructor(clock: VirtualClock, random: SeededRandom, flow: KeepAliveFlow) {
    this.#clock = clock;
    this.#random = random;
    this.#flow = flow;
  }

  start(flowTimer: number | undefined): void {
    const seconds = flowTimer ?? (this.#flow.reliable ? defaultInterval.reliable : defaultInterval.unreliable);
    this.#interval = seconds * 1000;
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#interval = 0;
  }

  /** Answers whether a text is a keep-alive and no message; a ping gets its pong, a pong is noted. */
  takes(text: string): boolean {
    if (text === ping) {
      this.#flow.send(pong);
      return true;
    }
    if (text !== pong) return false;
    this.#unanswered = 0;
    if (this.#interval > 0) this.#schedule();
    return true;
  }

  #schedule(): void {
    this.#timer?.cancel();
    // RFC 5626 4.4.1: at random between 80 and 100 percent of the interval.
    this.#timer = this.#clock.after(this.#interval * (0.8 + 0.2 * this.#random.fraction()), () => {
      this.#ping();
    });
  }

  #ping(): void {
    this.#unanswered += 1;
    this.#timer = this.#clock.after(pongTimeout, () => {
      if (this.#unanswered >= (this.#flow.reliable ? patience.reliable : patience.unreliable)) {
        this.#flow.close('timeout');
      } else {
        this.#ping();
      }
    });
    this.#flow.send(ping);
  }
}
