/** A pending action of a {@link Clock}. Cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time, as the core sees it. Node, a browser and the simulator each bring their own. */
export interface Clock {
  /** Milliseconds on a scale that only grows; its zero means nothing. */
  now(): number;
  /** Whole milliseconds since 1970-01-01T00:00:00Z. */
  date(): number;
  /** Runs `action` once, `milliseconds` from now at the earliest. */
  after(milliseconds: number, action: () => void): Timer;
}

/** Randomness, as the core sees it: unguessable in use, seeded in tests. */
export interface RandomSource {
  /** 128 random bits as a SIP token (RFC 3261 19.3 and 8.1.1.7 ask for tags and branches like this). */
  token(): string;
  /** A number in [0, 1). */
  fraction(): number;
  bytes(length: number): Uint8Array;
}

/** What a log line may carry beside its message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the library tells what whoever runs it may want to know; he brings one. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** The algorithms of digest that RFC 8760 2.1 registers, by its names. */
export type HashAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** One-shot hashes over latin1 text, answered as lower-case hexadecimal. */
export interface Hashes {
  hash(algorithm: HashAlgorithm, text: string): string;
  /** HMAC-SHA-256 (RFC 2104). */
  hmac(key: string, text: string): string;
}

/** Everything the core asks of the platform it runs on. */
export interface SipContext {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly hashes: Hashes;
  readonly log: Log;
}

/** What the core asks of an `AbortSignal`, which every platform has and the language itself has not. */
export interface AbortSource {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
