import { eventOfDigit, longestSegment, telephoneEventLength, writeTelephoneEvent } from './telephone-event.ts';

/** -10 dBm0, within what RFC 4733 2.3.4 lets a receiver take for a tone. */
const volume = 10;
/** How often the last packet of an event, and of a segment, is sent (RFC 4733 2.5.1.4). */
const endPackets = 3;
/** Milliseconds between two digits; together with the end packets at least what exchanges ask for. */
const pause = 40;

export const shortestDigit = 40;
/** Longer than any key is held on purpose: what waits behind a digit is sent at some time. */
export const longestDigit = 60_000;

interface Digit {
  readonly event: number;
  readonly duration: number;
  readonly done: ((sent: boolean) => void) | undefined;
}

/** What is to be sent in place of sound. */
export interface EventPacket {
  /** The same for all packets of an event, or of a segment of a long one. */
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

/** Sends digits as named events, one after the other, long ones in segments (RFC 4733 2.5.1). */
export class TelephoneEventSender {
  private readonly queue: Digit[] = [];
  private readonly payload = new Uint8Array(telephoneEventLength);
  private current: Digit | undefined = undefined;
  private start = 0;
  private elapsed = 0;
  /** Units of the segments of this digit that are behind. */
  private reported = 0;
  /** How often the present segment was told to be full. */
  private fullsSent = 0;
  private endsSent = 0;
  private pauseLeft = 0;

  /** Digits that wait or are being sent. */
  get waiting(): number {
    return this.queue.length + (this.current === undefined ? 0 : 1);
  }

  /** `duration` is in milliseconds and is brought between {@link shortestDigit} and {@link longestDigit}. */
  add(digit: string, duration: number, done?: (sent: boolean) => void): void {
    const limited = Math.min(longestDigit, Math.max(shortestDigit, duration));
    this.queue.push({ event: eventOfDigit(digit), duration: limited, done });
  }

  /**
   * What to send now, `milliseconds` of time that begin at `timestamp`; undefined when it is sound's turn. What it
   * returns is used again at the next call. Timestamps are the sound's (RFC 4733 2.1), `soundClockRate` units a second;
   * durations have the `clockRate` of the events.
   */
  next(timestamp: number, milliseconds: number, soundClockRate: number, clockRate: number): EventPacket | undefined {
    if (this.current === undefined) {
      if (this.pauseLeft > 0) {
        this.pauseLeft -= milliseconds;
        return undefined;
      }
      this.current = this.queue.shift();
      if (this.current === undefined) return undefined;
      this.start = timestamp;
      this.elapsed = 0;
      this.reported = 0;
      this.fullsSent = 0;
      this.endsSent = 0;
    }
    const { event, duration, done } = this.current;
    const marker = this.elapsed === 0;
    if (this.endsSent === 0) this.elapsed = Math.min(duration, this.elapsed + milliseconds);
    const units = Math.floor((this.elapsed * clockRate) / 1_000);
    const isFull = units - this.reported > longestSegment;
    const end = !isFull && this.elapsed >= duration;
    const segmentStart = this.start + Math.round((this.reported * soundClockRate) / clockRate);
    writeTelephoneEvent(this.payload, 0, {
      event,
      end,
      volume,
      duration: isFull ? longestSegment : units - this.reported,
    });
    if (isFull) this.fullsSent += 1;
    if (this.fullsSent === endPackets) {
      // What follows is another segment, which began where this one ended (RFC 4733 2.5.1.3).
      this.reported += longestSegment;
      this.fullsSent = 0;
    }
    if (end) this.endsSent += 1;
    if (this.endsSent === endPackets) {
      this.current = undefined;
      this.pauseLeft = pause;
      done?.(true);
    }
    return { timestamp: segmentStart >>> 0, marker, payload: this.payload };
  }

  /** Nothing more is sent of what waits. */
  clear(): void {
    const dropped = this.current === undefined ? this.queue : [this.current, ...this.queue];
    this.current = undefined;
    for (const { done } of dropped) done?.(false);
    this.queue.length = 0;
  }
}
