import type { SipMessage } from '../message/message.ts';
import type { Dialog, DialogKeeper } from './dialog.ts';
import type { DialogSet } from './dialog-set.ts';

/** All dialogs of a user agent, and the requests that may make more of them. */
export class DialogTable implements DialogKeeper {
  readonly #dialogs = new Map<string, Dialog>();
  readonly #sets = new Map<string, DialogSet>();

  get size(): number {
    return this.#dialogs.size;
  }

  /** Requests that may still make dialogs. */
  get sets(): number {
    return this.#sets.size;
  }

  add(dialog: Dialog): void {
    this.#dialogs.set(key(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
  }

  remove(dialog: Dialog): void {
    this.#dialogs.delete(key(dialog.callId, dialog.localTag, dialog.remoteTag));
  }

  addSet(set: DialogSet): void {
    this.#sets.set(key(set.callId, set.localTag), set);
  }

  removeSet(set: DialogSet): void {
    this.#sets.delete(key(set.callId, set.localTag));
  }

  /** The dialog of those three (RFC 3261 12), as Replaces, Join and Target-Dialog name it. */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.#dialogs.get(key(callId, localTag, remoteTag));
  }

  /** The dialog of a request that came. */
  ofRequest({ callId, toTag, fromTag }: SipMessage): Dialog | undefined {
    return toTag === undefined ? undefined : this.find(callId, toTag, fromTag ?? '');
  }

  /** The request of this side that one which came may belong to, although its far end has no dialog yet. */
  setOf({ callId, toTag }: SipMessage): DialogSet | undefined {
    return toTag === undefined ? undefined : this.#sets.get(key(callId, toTag));
  }

  /** Whether a request that came is one that this side has sent: it has gone in a circle. */
  hasSent({ callId, fromTag }: SipMessage): boolean {
    return fromTag !== undefined && this.#sets.has(key(callId, fromTag));
  }

  /** Ends everything without another message. */
  stop(): void {
    for (const set of [...this.#sets.values()]) set.stop();
    for (const dialog of [...this.#dialogs.values()]) dialog.end({ kind: 'stopped' });
  }

  *[Symbol.iterator](): Iterator<Dialog> {
    yield* this.#dialogs.values();
  }
}

function key(...parts: readonly string[]): string {
  return parts.join('\n');
}
