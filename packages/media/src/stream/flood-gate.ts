import type { Clock } from '@switchhook/sip';

/** Four times what packets of 10 ms need. */
export const packetsPerSecond = 400;

/** Lets through so many packets a second and no more, so that a flood costs little. */
export class FloodGate {
  private readonly clock: Clock;
  private windowStart = -Infinity;
  private count = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  admits(): boolean {
    const now = this.clock.now();
    if (now - this.windowStart >= 1_000) {
      this.windowStart = now;
      this.count = 0;
    }
    this.count += 1;
    return this.count <= packetsPerSecond;
  }
}
