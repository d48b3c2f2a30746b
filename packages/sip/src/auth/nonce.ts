import type { SipContext } from '../context.ts';
import { equalInConstantTime } from './digest.ts';

const timeLength = 12;
const saltLength = 16;
const originLength = 16;
const macLength = 32;
const bodyLength = timeLength + saltLength + originLength;

/** What a nonce tells about itself once its origin is proved. */
export interface NonceFacts {
  /** When it was made, in milliseconds of {@link Clock.date}. */
  readonly mintedAt: number;
  /** Stands for the source address that it was given to. */
  readonly origin: string;
}

interface Key {
  readonly text: string;
  readonly since: number;
}

/**
 * Makes nonces that carry their time, the source they went to and a MAC over both, so that origin and age are
 * checked without remembering any of them. The key changes every lifetime; the one before is kept until no nonce
 * made with it can be fresh.
 */
export class NonceMint {
  readonly #context: Pick<SipContext, 'clock' | 'hashes' | 'random'>;
  readonly #lifetime: number;
  #key: Key | undefined;
  #previous: Key | undefined;

  constructor(context: Pick<SipContext, 'clock' | 'hashes' | 'random'>, lifetime: number) {
    this.#context = context;
    this.#lifetime = lifetime;
  }

  mint(source: string): string {
    const now = this.#context.clock.date();
    const time = now.toString(16).padStart(timeLength, '0').slice(-timeLength);
    const salt = hexadecimal(this.#context.random.bytes(saltLength / 2));
    const body = time + salt + this.originOf(source);
    return body + this.#mac(this.#currentKey(now), body);
  }

  /** The facts of a fresh nonce of ours; `foreign` for one that we did not make (or whose key is gone), `aged`. */
  check(nonce: string): NonceFacts | 'foreign' | 'aged' {
    if (nonce.length !== bodyLength + macLength) return 'foreign';
    const now = this.#context.clock.date();
    const body = nonce.slice(0, bodyLength);
    const mac = nonce.slice(bodyLength);
    const keys = [this.#currentKey(now), this.#previous];
    if (!keys.some((key) => key !== undefined && equalInConstantTime(mac, this.#mac(key, body)))) return 'foreign';
    const mintedAt = Number.parseInt(body.slice(0, timeLength), 16);
    if (now - mintedAt > this.#lifetime) return 'aged';
    return { mintedAt, origin: body.slice(timeLength + saltLength) };
  }

  /** A short stand-in for a source address: hides nothing, only has one length for IPv4 and IPv6. */
  originOf(source: string): string {
    return this.#context.hashes.hash('SHA-256', source).slice(0, originLength);
  }

  #mac(key: Key, body: string): string {
    return this.#context.hashes.hmac(key.text, body).slice(0, macLength);
  }

  #currentKey(now: number): Key {
    if (this.#key === undefined || now - this.#key.since > this.#lifetime) {
      this.#previous = this.#key;
      this.#key = { text: this.#context.random.token() + this.#context.random.token(), since: now };
    }
    return this.#key;
  }
}

function hexadecimal(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
