import type { Clock } from '@switchhook/sip';
import { longestCall } from './call-log.ts';

interface Participation {
  readonly since: number;
  readonly owners: readonly string[];
}

interface EndedCall {
  readonly at: number;
  readonly owners: readonly string[];
}

/** Who is in a call now, by address of record, and since when those who are not have had none. */
export class Activity {
  readonly #clock: Clock;
  readonly #calls = new Map<string, Participation>();
  /** The Call-IDs of everybody who is in a call. */
  readonly #callsOf = new Map<string, Set<string>>();
  /** The call of each that ended last. */
  readonly #last = new Map<string, EndedCall>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody makes a call, or has taken it. */
  joined(callId: string, owner: string): void {
    const { owners = [], since = this.#clock.now() } = this.#calls.get(callId) ?? {};
    if (owners.includes(owner)) return;
    this.#calls.set(callId, { since, owners: [...owners, owner] });
    const calls = this.#callsOf.get(owner);
    if (calls === undefined) this.#callsOf.set(owner, new Set([callId]));
    else calls.add(callId);
  }

  /** A call has ended, for all who were in it. */
  ended(callId: string): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.delete(callId);
    for (const owner of call.owners) {
      const calls = this.#callsOf.get(owner);
      calls?.delete(callId);
      if (calls?.size === 0) this.#callsOf.delete(owner);
      this.#last.set(owner, { at: this.#clock.now(), owners: call.owners });
    }
  }

  /** How many calls somebody is in. */
  calls(owner: string): number {
    const oldest = this.#clock.now() - longestCall;
    let count = 0;
    for (const callId of this.#callsOf.get(owner) ?? []) {
      if ((this.#calls.get(callId)?.since ?? oldest) > oldest) count += 1;
    }
    return count;
  }

  /** When somebody's last call ended, on the clock; infinitely late while he is in one, and 0 when he has had none. */
  idleSince(owner: string): number {
    return this.#callsOf.has(owner) ? Infinity : (this.#last.get(owner)?.at ?? 0);
  }

  /** Whether two are in a call with each other, or were in their last one, which ended so many milliseconds ago at most. */
  areTogether(owner: string, other: string, ago: number): boolean {
    const since = this.#clock.now() - ago;
    const wasLast = (one: string, two: string): boolean => {
      const last = this.#last.get(one);
      return last !== undefined && last.at >= since && last.owners.includes(two);
    };
    const calls = [...(this.#callsOf.get(owner) ?? [])];
    if (calls.some((callId) => this.#calls.get(callId)?.owners.includes(other))) return true;
    return wasLast(owner, other) || wasLast(other, owner);
  }

  /** Forgets who is not there any more. */
  retain(isKnown: (owner: string) => boolean): void {
    for (const owner of this.#last.keys()) if (!isKnown(owner)) this.#last.delete(owner);
  }

  stats(): { readonly calls: number; readonly people: number } {
    return { calls: this.#calls.size, people: this.#callsOf.size };
  }
}
