import { digitOfEvent, longestSegment, parseTelephoneEvent } from './telephone-event.ts';
import { timestampDistance } from './wrap-around.ts';
import type { RtpPacket } from './rtp-packet.ts';

/**
 * Makes digits of the packets of named events. All packets of one event have the timestamp of its beginning (RFC 4733
 * 2.5.1.2): the first that comes, be it the last that was sent, is the digit, and all others with that timestamp or an
 * older one are repetitions. A long event goes on in a segment that begins where the one before was full (2.5.2.3).
 */
export class TelephoneEventReceiver {
  /** Packets that were too short, or events that are no digits. */
  ignored = 0;
  private last: { readonly digit: string; readonly timestamp: number; ended: boolean } | undefined = undefined;

  /** The digit that begins with this packet, or undefined. */
  receive(packet: RtpPacket): string | undefined {
    const event = parseTelephoneEvent(packet.payload);
    const digit = event && digitOfEvent(event.event);
    if (event === undefined || digit === undefined) {
      this.ignored += 1;
      return undefined;
    }
    const last = this.last;
    const distance = last && timestampDistance(last.timestamp, packet.timestamp);
    if (last !== undefined && distance !== undefined && distance <= 0) {
      if (distance === 0) last.ended ||= event.end;
      return undefined;
    }
    this.last = { digit, timestamp: packet.timestamp, ended: event.end };
    // Segments of which nothing came do not make it another digit.
    const goesOn = last?.digit === digit && !last.ended && !packet.marker && (distance ?? 1) % longestSegment === 0;
    return goesOn ? undefined : digit;
  }

  /** Another source speaks, whose timestamps have nothing to do with those before. */
  reset(): void {
    this.last = undefined;
  }
}
