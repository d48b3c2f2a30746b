import type { Clock, RandomSource, Timer } from '../context.ts';
import { drawInterval } from './keep-alive-interval.ts';
import type { KeepAliveInterval } from './keep-alive-interval.ts';

const pongTimeout = 10_000;

/** The client's side of the CRLF keep-alive (RFC 5626 4.4.1): a ping now and then, and a pong in time. */
export class CrlfKeepAlive {
  private readonly clock: Clock;
  private readonly random: RandomSource;
  private readonly ping: () => void;
  private readonly failed: () => void;
  private timer: Timer | undefined = undefined;
  private interval: KeepAliveInterval | undefined = undefined;
  private waiting = false;

  constructor(clock: Clock, random: RandomSource, ping: () => void, failed: () => void) {
    this.clock = clock;
    this.random = random;
    this.ping = ping;
    this.failed = failed;
  }

  start(interval: KeepAliveInterval): void {
    this.interval = interval;
    if (!this.waiting) this.schedule(interval);
  }

  /** A CRLF came. True when a ping waited for it. */
  pong(): boolean {
    if (!this.waiting || this.interval === undefined) return false;
    this.waiting = false;
    this.schedule(this.interval);
    return true;
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.interval = undefined;
    this.waiting = false;
  }

  private schedule(interval: KeepAliveInterval): void {
    this.timer?.cancel();
    this.timer = this.clock.after(drawInterval(interval, this.random), () => {
      this.waiting = true;
      this.timer = this.clock.after(pongTimeout, this.failed);
      this.ping();
    });
  }
}
