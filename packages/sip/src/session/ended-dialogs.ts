import type { Dialog } from '../dialog/dialog.ts';

/** How many dialogs are remembered after their end; beyond them the oldest are forgotten. */
export const endedDialogsKept = 1_000;

/**
 * The dialogs of calls that were. Who wants to replace or join one of them is told 603, so that nothing rings for a call
 * that is over (RFC 3891 3).
 */
export class EndedDialogs {
  readonly #keys = new Set<string>();

  add({ callId, localTag, remoteTag }: Dialog): void {
    this.#keys.add(keyOf(callId, localTag, remoteTag));
    const [oldest] = this.#keys;
    if (this.#keys.size > endedDialogsKept && oldest !== undefined) this.#keys.delete(oldest);
  }

  has(callId: string, localTag: string, remoteTag: string): boolean {
    return this.#keys.has(keyOf(callId, localTag, remoteTag));
  }

  clear(): void {
    this.#keys.clear();
  }
}

function keyOf(...parts: readonly string[]): string {
  return parts.join('\n');
}
