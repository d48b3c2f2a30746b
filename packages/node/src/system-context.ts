import { createHmac, createSecretKey, hash, randomBytes, randomFillSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Clock, HashAlgorithm, Hashes, Log, RandomSource, SipContext, Timer } from '@switchhook/sip';

const longestTimeout = 2_147_483_647;

class SystemTimer implements Timer {
  private readonly timeout: NodeJS.Timeout;

  constructor(milliseconds: number, action: () => void) {
    this.timeout = setTimeout(action, Math.max(Math.min(milliseconds, longestTimeout), 0));
  }

  cancel(): void {
    clearTimeout(this.timeout);
  }
}

/** The machine's time. */
class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  date(): number {
    return Date.now();
  }

  after(milliseconds: number, action: () => void): Timer {
    return new SystemTimer(milliseconds, action);
  }
}

const tokenBytes = 16;

/** Random bits of the operating system, fetched in larger pieces: some are asked for at every branch and nonce. */
class SystemRandom implements RandomSource {
  private readonly pool = Buffer.allocUnsafe(4_096);
  private position = this.pool.length;

  token(): string {
    const start = this.take(tokenBytes);
    return this.pool.toString('hex', start, start + tokenBytes);
  }

  fraction(): number {
    return this.pool.readUIntBE(this.take(6), 6) / 2 ** 48;
  }

  bytes(length: number): Uint8Array {
    if (length > this.pool.length) return randomBytes(length);
    const start = this.take(length);
    return new Uint8Array(this.pool.subarray(start, start + length));
  }

  private take(length: number): number {
    if (this.position + length > this.pool.length) {
      randomFillSync(this.pool);
      this.position = 0;
    }
    const start = this.position;
    this.position += length;
    return start;
  }
}

const algorithmNames: Readonly<Record<HashAlgorithm, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/** Keys that are kept ready at once: those of the nonces change, the others last as long as the process. */
const readyKeys = 16;

/** OpenSSL's hashes. */
class SystemHashes implements Hashes {
  /** Making ready a key takes OpenSSL five times as long as a MAC with one that is. */
  private readonly keys = new Map<string, KeyObject>();

  hash(algorithm: HashAlgorithm, text: string): string {
    return hash(algorithmNames[algorithm], Buffer.from(text, 'latin1'), 'hex');
  }

  hmac(key: string, text: string): string {
    return createHmac('sha256', this.keyOf(key)).update(text, 'latin1').digest('hex');
  }

  private keyOf(text: string): KeyObject {
    let key = this.keys.get(text);
    if (key === undefined) {
      if (this.keys.size >= readyKeys) this.keys.clear();
      key = createSecretKey(Buffer.from(text, 'latin1'));
      this.keys.set(text, key);
    }
    return key;
  }
}

/** What `packages/sip` asks of the machine, with the log that the program writes. */
export function systemContext(log: Log): SipContext {
  return { clock: new SystemClock(), random: new SystemRandom(), hashes: new SystemHashes(), log };
}
