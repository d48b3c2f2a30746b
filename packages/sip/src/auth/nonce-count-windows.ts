/** How many counts below the highest one may still come late. */
const windowSize = 31;

interface Window {
  readonly mintedAt: number;
  highest: number;
  /** Bit n is set when the count `highest - n` was seen. */
  seen: number;
}

/**
 * Remembers which nonce counts were used (RFC 7616 3.4), in bounded memory: a window for each nonce, the least
 * recently used nonce forgotten first. What was forgotten cannot be told from what was never used, so from then on
 * no unknown nonce as old as a forgotten one is taken.
 */
export class NonceCountWindows {
  readonly #limit: number;
  readonly #windows = new Map<string, Window>();
  #horizon = Number.NEGATIVE_INFINITY;

  constructor(limit = 20_000) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#windows.size;
  }

  /** Takes a count for use, once. False when it was used before or may have been. */
  use(nonce: string, mintedAt: number, count: number): boolean {
    const window = this.#windows.get(nonce);
    if (window === undefined) {
      if (mintedAt <= this.#horizon) return false;
      this.#remember(nonce, { mintedAt, highest: count, seen: 1 });
      return true;
    }
    this.#windows.delete(nonce);
    this.#windows.set(nonce, window);
    return take(window, count);
  }

  /** Forgets nonces made before `mintedAt`: their age refuses them already. */
  forgetBefore(mintedAt: number): void {
    for (const [nonce, window] of this.#windows) {
      if (window.mintedAt >= mintedAt) break;
      this.#windows.delete(nonce);
    }
  }

  #remember(nonce: string, window: Window): void {
    this.#windows.set(nonce, window);
    if (this.#windows.size <= this.#limit) return;
    for (const [oldest, { mintedAt }] of this.#windows) {
      this.#windows.delete(oldest);
      this.#horizon = Math.max(this.#horizon, mintedAt);
      return;
    }
  }
}

function take(window: Window, count: number): boolean {
  const distance = count - window.highest;
  if (distance > 0) {
    window.seen = distance > windowSize ? 1 : (window.seen << distance) | 1;
    window.highest = count;
    return true;
  }
  if (distance < -windowSize) return false;
  const bit = 1 << -distance;
  if ((window.seen & bit) !== 0) return false;
  window.seen |= bit;
  return true;
}
