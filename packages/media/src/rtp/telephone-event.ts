/** DTMF digits as named events (RFC 4733). */
import { readUint16, writeUint16 } from './rtp-packet.ts';

/** The events of RFC 4733 3.2 that are the keys of a telephone, by number. */
const digits = '0123456789*#ABCD';

export interface TelephoneEvent {
  /** 0 to 15 are the digits (RFC 4733 3.2). */
  readonly event: number;
  readonly end: boolean;
  /** The power of the tone in -dBm0, 0 to 63. */
  readonly volume: number;
  /** Units of the timestamp, 16 bits. */
  readonly duration: number;
}

/** Bytes of one event. */
export const telephoneEventLength = 4;

/** Units that the duration holds, 8 s at 8,000 a second, 1.4 s at 48,000; longer events are segments (RFC 4733 2.5.1.3). */
export const longestSegment = 0xffff;

/** The first event of a payload; undefined where it is too short (RFC 4733 2.3). */
export function parseTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined {
  const [event, second] = payload;
  if (event === undefined || second === undefined || payload.length < telephoneEventLength) return undefined;
  return { event, end: second > 127, volume: second & 63, duration: readUint16(payload, 2) };
}

export function writeTelephoneEvent(target: Uint8Array, offset: number, event: TelephoneEvent): void {
  target[offset] = event.event;
  target[offset + 1] = (event.end ? 128 : 0) | event.volume;
  writeUint16(target, offset + 2, event.duration);
}

/** The number of a digit's event, or -1: `0` to `9`, `*`, `#`, `A` to `D`. */
export function eventOfDigit(digit: string): number {
  return digit.length === 1 ? digits.indexOf(digit) : -1;
}

/** The digit of an event, or undefined for other events. */
export function digitOfEvent(event: number): string | undefined {
  return digits[event];
}
