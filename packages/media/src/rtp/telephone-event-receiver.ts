import { digitOfEvent, parseTelephoneEvent } from './telephone-event.ts';
import { timestampDistance } from './wrap-around.ts';
import type { RtpPacket } from './rtp-packet.ts';

/**
 * Makes digits of the packets of named events. All packets of one event have the timestamp of its beginning (RFC 4733
 * 2.5.1.2): the first that comes, be it the last that was sent, is the digit, and all others with that timestamp or an
 * older one are repetitions.
 */
export class TelephoneEventReceiver {
  /** Packets that were too short, or events that are no digits. */
  ignored = 0;
  private lastTimestamp: number | undefined = undefined;

  /** The digit that begins with this packet, or undefined. */
  receive(packet: RtpPacket): string | undefined {
    const event = parseTelephoneEvent(packet.payload);
    const digit = event && digitOfEvent(event.event);
    if (digit === undefined) {
      this.ignored += 1;
      return undefined;
    }
    if (this.lastTimestamp !== undefined && timestampDistance(this.lastTimestamp, packet.timestamp) <= 0) {
      return undefined;
    }
    this.lastTimestamp = packet.timestamp;
    return digit;
  }

  /** Another source speaks, whose timestamps have nothing to do with those before. */
  reset(): void {
    this.lastTimestamp = undefined;
  }
}
