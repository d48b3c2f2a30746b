import type { RandomSource } from '@switchhook/sip';
import { readUint16, readUint32, rtpHeaderLength, writeRtpHeader } from '../rtp/rtp-packet.ts';
import { longestTrailer } from '../srtp/srtp-sender.ts';

/** What fits into a packet of the smallest MTU of IPv6, of which headers take 60 bytes. */
const longestPayload = 1_200;

/** Our own synchronization source: numbers packets and puts them into one buffer that is used for all. */
export class RtpSender {
  packets = 0;
  octets = 0;
  /** All that were sent, before and after {@link renew}. */
  totalPackets = 0;
  private readonly random: RandomSource;
  private readonly protect: (packet: Uint8Array, length: number) => number;
  private readonly buffer = new Uint8Array(rtpHeaderLength + longestPayload + longestTrailer);
  private currentSsrc = 0;
  private sequenceNumber = 0;
  /** Where timestamps of this source begin, at random (RFC 3550 5.1). */
  private currentTimestamp = 0;

  /** `protect` protects a packet in place and returns its new length. */
  constructor(random: RandomSource, protect: (packet: Uint8Array, length: number) => number) {
    this.random = random;
    this.protect = protect;
    this.renew();
  }

  get ssrc(): number {
    return this.currentSsrc;
  }

  /** The timestamp of what is sent next. */
  get timestamp(): number {
    return this.currentTimestamp;
  }

  /** Becomes another source: after a collision (RFC 3550 8.2), or where the clock rate changes (RFC 7160 4.1). */
  renew(): void {
    const bytes = this.random.bytes(10);
    this.currentSsrc = readUint32(bytes, 0);
    this.currentTimestamp = readUint32(bytes, 4);
    // The upper half is left out, so that a loss at the start cannot hide a wrap-around from SRTP (RFC 3711 3.3.1).
    this.sequenceNumber = readUint16(bytes, 8) & 0x7fff;
    this.packets = 0;
    this.octets = 0;
  }

  /** Time passes for this source whether or not it sends. */
  advance(units: number): void {
    this.currentTimestamp = (this.currentTimestamp + units) >>> 0;
  }

  /** The next packet, to be sent before the next call; undefined for a payload that is too long. */
  packet(payloadType: number, timestamp: number, marker: boolean, payload: Uint8Array): Uint8Array | undefined {
    if (payload.length > longestPayload) return undefined;
    const { buffer, sequenceNumber, ssrc } = this;
    writeRtpHeader(buffer, { marker, payloadType, sequenceNumber, timestamp, ssrc });
    buffer.set(payload, rtpHeaderLength);
    this.sequenceNumber = (sequenceNumber + 1) & 0xffff;
    this.packets += 1;
    this.totalPackets += 1;
    this.octets += payload.length;
    return buffer.subarray(0, this.protect(buffer, rtpHeaderLength + payload.length));
  }
}
