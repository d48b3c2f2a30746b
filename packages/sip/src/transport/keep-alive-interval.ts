import type { RandomSource } from '../context.ts';

/** The time between two keep-alives is drawn anew each time, between these, in milliseconds (RFC 5626 4.4). */
export interface KeepAliveInterval {
  readonly minimum: number;
  readonly maximum: number;
}

/** RFC 5626 4.4.1. */
export const connectionInterval: KeepAliveInterval = { minimum: 95_000, maximum: 120_000 };
/** RFC 5626 4.4.2. */
export const datagramInterval: KeepAliveInterval = { minimum: 24_000, maximum: 29_000 };

/** The interval under a registrar's Flow-Timer: between 80 and 100 percent of it (RFC 5626 4.4). */
export function flowTimerInterval(seconds: number): KeepAliveInterval {
  const maximum = Math.max(1, seconds) * 1_000;
  return { minimum: maximum * 0.8, maximum };
}

export function drawInterval(interval: KeepAliveInterval, random: RandomSource): number {
  return interval.minimum + random.fraction() * (interval.maximum - interval.minimum);
}
