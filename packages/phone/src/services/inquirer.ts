import type { Caller, Clock, WatcherRights } from '@switchhook/sip';
import { partyOf } from '../party.ts';
import type { Party } from '../party.ts';
import type { WhoMay } from './authorization.ts';

/**
 * Remembers who has asked last what it takes to pick up a call: when a call that rang is then answered elsewhere, the
 * person is told that it was he (RFC 5359 2.16). Nothing in the CANCEL says it.
 */
export class Inquirer {
  readonly #clock: Clock;
  readonly #whoMay: WhoMay;
  #last: { readonly party: Party; readonly at: number } | undefined = undefined;

  constructor(clock: Clock, whoMay: WhoMay) {
    this.#clock = clock;
    this.#whoMay = whoMay;
  }

  mayWatch(caller: Caller): WatcherRights {
    const rights = this.#whoMay.mayWatch(caller);
    if (rights === 'dialogs') this.#last = { party: partyOf(caller.address), at: this.#clock.date() };
    return rights;
  }

  /** Who has asked since then; in milliseconds since 1970. */
  since(time: number): Party | undefined {
    return this.#last !== undefined && this.#last.at >= time ? this.#last.party : undefined;
  }
}
