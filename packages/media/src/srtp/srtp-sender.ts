import { payloadOffset, readUint16, readUint32, writeUint32 } from '../rtp/rtp-packet.ts';
import { controlTagLength } from './crypto-suite.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { PacketCipher, withTrailer } from './packet-cipher.ts';
import type { SdesKey } from './sdes-key.ts';

/** Bytes of SRTCP's index (RFC 3711 3.4). */
const indexLength = 4;

/** Bytes that are put behind a packet at most, with an identifier of {@link SdesKey} of none. */
export const longestTrailer = indexLength + controlTagLength;

/** Protects what this side sends with its key (RFC 3711 3.3, 3.4). One source at a time, whose packets come in order. */
export class SrtpSender {
  private readonly key: SdesKey;
  private readonly media: PacketCipher;
  private readonly control: PacketCipher;
  private ssrc: number | undefined = undefined;
  private sequenceNumber = 0;
  private rolloverCounter = 0;
  private controlIndex = 0;

  constructor(key: SdesKey) {
    this.key = key;
    this.media = new PacketCipher(deriveSessionKeys(key.masterKey, key.masterSalt, 'media'));
    this.control = new PacketCipher(deriveSessionKeys(key.masterKey, key.masterSalt, 'control'));
  }

  /** Protects the RTP packet in the first `length` bytes, in place, where there is room behind it. Returns its new length. */
  protectRtp(packet: Uint8Array, length: number): number {
    const ssrc = readUint32(packet, 8);
    const sequenceNumber = readUint16(packet, 2);
    if (ssrc !== this.ssrc) this.rolloverCounter = 0;
    else if (sequenceNumber < this.sequenceNumber) this.rolloverCounter += 1;
    this.ssrc = ssrc;
    this.sequenceNumber = sequenceNumber;
    const start = payloadOffset(packet);
    if (typeof start === 'string') return length;
    this.media.apply(packet, start, length, ssrc, this.rolloverCounter * 0x1_0000 + sequenceNumber);
    const tag = this.media.tagOf(withTrailer(packet, length, this.rolloverCounter));
    return this.append(packet, length, tag, this.key.suite.tagLength);
  }

  protectRtcp(packet: Uint8Array, length: number): number {
    const index = this.controlIndex;
    this.controlIndex = (index + 1) % 0x8000_0000;
    this.control.apply(packet, 8, length, readUint32(packet, 4), index);
    writeUint32(packet, length, (0x8000_0000 | index) >>> 0);
    const end = length + indexLength;
    return this.append(packet, end, this.control.tagOf(packet.subarray(0, end)), controlTagLength);
  }

  private append(packet: Uint8Array, end: number, tag: Uint8Array, tagLength: number): number {
    packet.set(tag.subarray(0, tagLength), end);
    return end + tagLength;
  }
}
