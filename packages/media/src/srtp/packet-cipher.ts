import { createCipheriv, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Cipheriv, KeyObject } from 'node:crypto';
import { writeUint16, writeUint32 } from '../rtp/rtp-packet.ts';
import type { SessionKeys } from './key-derivation.ts';

const blockLength = 16;

/**
 * AES in counter mode and HMAC-SHA1 with the keys of a session (RFC 3711 4.1.1, 4.2.1). Counter blocks are encrypted by
 * one cipher that lives as long as the keys: making one for each packet would cost more than the encryption.
 */
export class PacketCipher {
  private readonly cipher: Cipheriv;
  private readonly authenticationKey: KeyObject;
  private readonly salt: Uint8Array;
  private counters = new Uint8Array(blockLength * 16);

  constructor(keys: SessionKeys) {
    const algorithm = keys.encryption.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb';
    this.cipher = createCipheriv(algorithm, keys.encryption, null).setAutoPadding(false);
    this.authenticationKey = createSecretKey(keys.authentication);
    this.salt = keys.salt;
  }

  /** Encrypts or decrypts `data` from `start` to `end`, in place. `index` has 48 bits. */
  apply(data: Uint8Array, start: number, end: number, ssrc: number, index: number): void {
    const blocks = Math.ceil((end - start) / blockLength);
    const keystream = this.cipher.update(this.countersFor(blocks, ssrc, index));
    for (let position = start, next = 0; position < end; position += 1, next += 1) {
      data[position] = (data[position] ?? 0) ^ (keystream[next] ?? 0);
    }
  }

  /** The authentication tag of the bytes, not yet cut to its length. */
  tagOf(bytes: Uint8Array): Uint8Array {
    return createHmac('sha1', this.authenticationKey).update(bytes).digest();
  }

  /** Whether `tag` is the front of the bytes' authentication tag; takes as long for a wrong one. */
  isAuthentic(bytes: Uint8Array, tag: Uint8Array): boolean {
    return timingSafeEqual(this.tagOf(bytes).subarray(0, tag.length), tag);
  }

  private countersFor(blocks: number, ssrc: number, index: number): Uint8Array {
    const length = blocks * blockLength;
    if (this.counters.length < length) this.counters = new Uint8Array(length);
    const { counters, salt } = this;
    counters.set(salt);
    counters[14] = 0;
    counters[15] = 0;
    for (let byte = 0; byte < 4; byte += 1) counters[4 + byte] = (counters[4 + byte] ?? 0) ^ (ssrc >>> (24 - 8 * byte));
    const high = Math.floor(index / 0x1_0000);
    const low = index % 0x1_0000;
    for (let byte = 0; byte < 4; byte += 1) counters[8 + byte] = (counters[8 + byte] ?? 0) ^ (high >>> (24 - 8 * byte));
    counters[12] = (counters[12] ?? 0) ^ (low >>> 8);
    counters[13] = (counters[13] ?? 0) ^ (low & 255);
    for (let block = 1; block < blocks; block += 1) {
      counters.copyWithin(block * blockLength, 0, blockLength - 2);
      writeUint16(counters, (block + 1) * blockLength - 2, block);
    }
    return counters.subarray(0, length);
  }
}

/** Puts a number behind the bytes that it is authenticated with, where there is room for it. */
export function withTrailer(data: Uint8Array, end: number, value: number): Uint8Array {
  writeUint32(data, end, value);
  return data.subarray(0, end + 4);
}
