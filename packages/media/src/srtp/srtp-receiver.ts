import { payloadOffset, readUint16, readUint32, writeUint32 } from '../rtp/rtp-packet.ts';
import { controlTagLength } from './crypto-suite.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { PacketCipher, withTrailer } from './packet-cipher.ts';
import { ReplayWindow } from './replay-window.ts';
import type { SdesKey } from './sdes-key.ts';

/** Sources that one key may have; a telephone has one, and another after each change. */
export const maximumSources = 32;

const controlHeaderLength = 8;
const indexLength = 4;

/** One source of the far end. */
class Source {
  /** The highest sequence number so far, and how often it has wrapped around. */
  highest: number | undefined = undefined;
  rolloverCounter = 0;
  readonly media = new ReplayWindow();
  readonly control = new ReplayWindow();

  /** How often the sequence had wrapped around when this packet was sent, most likely (RFC 3711 3.3.1). */
  guess(sequenceNumber: number): number {
    const { highest, rolloverCounter } = this;
    if (highest === undefined) return rolloverCounter;
    if (highest < 0x8000) return sequenceNumber - highest > 0x8000 ? rolloverCounter - 1 : rolloverCounter;
    return highest - 0x8000 > sequenceNumber ? rolloverCounter + 1 : rolloverCounter;
  }

  advance(sequenceNumber: number, rolloverCounter: number): void {
    if (rolloverCounter < this.rolloverCounter) return;
    const isNewer = rolloverCounter > this.rolloverCounter || sequenceNumber > (this.highest ?? -1);
    if (isNewer) this.highest = sequenceNumber;
    this.rolloverCounter = rolloverCounter;
  }
}

/** Tells what the far end protected with its key from everything else, and reads it (RFC 3711 3.3, 3.4). */
export class SrtpReceiver {
  private readonly key: SdesKey;
  private readonly media: PacketCipher;
  private readonly control: PacketCipher;
  /** By SSRC; only what was authentic makes one. */
  private readonly sources = new Map<number, Source>();
  private mediaPackets = 0;
  private controlPackets = 0;

  constructor(key: SdesKey) {
    this.key = key;
    this.media = new PacketCipher(deriveSessionKeys(key.masterKey, key.masterSalt, 'media'));
    this.control = new PacketCipher(deriveSessionKeys(key.masterKey, key.masterSalt, 'control'));
  }

  /**
   * The RTP packet, in the bytes of what was given; undefined for one that is not authentic, came before, is too old
   * to tell, or is over the key's lifetime. Then the bytes are as they were.
   */
  unprotectRtp(data: Uint8Array): Uint8Array | undefined {
    const start = payloadOffset(data);
    const { tagLength } = this.key.suite;
    const end = data.length - this.key.masterKeyIdentifier.length - tagLength;
    if (typeof start === 'string' || end < start || this.mediaPackets >= this.key.lifetime) return undefined;
    const ssrc = readUint32(data, 8);
    const sequenceNumber = readUint16(data, 2);
    const source = this.sources.get(ssrc) ?? new Source();
    const rolloverCounter = source.guess(sequenceNumber);
    const index = rolloverCounter * 0x1_0000 + sequenceNumber;
    if (rolloverCounter < 0 || !source.media.isNew(index) || !this.isIdentified(data, end)) return undefined;
    // A copy, for its place is needed; a Buffer's slice would be none.
    const tag = Uint8Array.from(data.subarray(data.length - tagLength));
    const behind = readUint32(data, end);
    if (!this.media.isAuthentic(withTrailer(data, end, rolloverCounter), tag) || !this.keep(ssrc, source)) {
      writeUint32(data, end, behind);
      return undefined;
    }
    source.media.add(index);
    source.advance(sequenceNumber, rolloverCounter);
    this.mediaPackets += 1;
    this.media.apply(data, start, end, ssrc, index);
    return data.subarray(0, end);
  }

  /** The same for a compound RTCP packet. */
  unprotectRtcp(data: Uint8Array): Uint8Array | undefined {
    const behindIndex = data.length - this.key.masterKeyIdentifier.length - controlTagLength;
    const end = behindIndex - indexLength;
    if (end < controlHeaderLength || this.controlPackets >= this.key.lifetime) return undefined;
    const ssrc = readUint32(data, 4);
    const word = readUint32(data, end);
    const index = word & 0x7fff_ffff;
    const source = this.sources.get(ssrc) ?? new Source();
    if (!source.control.isNew(index) || !this.isIdentified(data, behindIndex)) return undefined;
    const tag = data.subarray(data.length - controlTagLength);
    if (!this.control.isAuthentic(data.subarray(0, behindIndex), tag) || !this.keep(ssrc, source)) return undefined;
    source.control.add(index);
    this.controlPackets += 1;
    if (word >= 0x8000_0000) this.control.apply(data, controlHeaderLength, end, ssrc, index);
    return data.subarray(0, end);
  }

  /** Remembers a source; false where there are too many, for forgetting one would let its packets come again. */
  private keep(ssrc: number, source: Source): boolean {
    if (!this.sources.has(ssrc)) {
      if (this.sources.size >= maximumSources) return false;
      this.sources.set(ssrc, source);
    }
    return true;
  }

  private isIdentified(data: Uint8Array, offset: number): boolean {
    return this.key.masterKeyIdentifier.every((byte, index) => data[offset + index] === byte);
  }
}
