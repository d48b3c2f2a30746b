import type { Clock, Timer } from '../context.ts';
import type { HeaderInit } from '../message/header.ts';
import { headerField } from '../message/header.ts';
import { MinSE } from '../message/headers/min-se.ts';
import { SessionExpires } from '../message/headers/session-expires.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import type { SessionOptions } from './session-contract.ts';

/** Seconds; what a Min-SE that is not there means, and the least that anybody may ask for (RFC 4028 4, 5). */
const leastInterval = 90;
/** Seconds; a far end that wants longer intervals than a day is not believed. */
const longestMinimum = 86_400;
/** A BYE for an expired session goes this many seconds before its time, or a third of the interval (RFC 4028 10). */
const margin = 32;

/** What a session timer makes happen. */
export interface SessionTimerUser {
  /** Half of the interval is over, and it is this side's turn. */
  refresh(): void;
  /** Nobody has refreshed the session. */
  expired(): void;
}

/** The session timer of one dialog, in both roles (RFC 4028). */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #settings: SessionOptions['sessionTimer'];
  readonly #user: SessionTimerUser;
  #interval: number | undefined = undefined;
  #refresher: 'local' | 'remote' | undefined = undefined;
  /** The largest Min-SE that was seen in this dialog (RFC 4028 7.4). */
  #minimum = 0;
  #refresh: Timer | undefined = undefined;
  #expiry: Timer | undefined = undefined;

  constructor(clock: Clock, settings: SessionOptions['sessionTimer'], user: SessionTimerUser) {
    this.#clock = clock;
    this.#settings = settings;
    this.#user = user;
  }

  /** Who refreshes; undefined where there is no session timer. */
  get refresher(): 'local' | 'remote' | undefined {
    return this.#refresher;
  }

  /** Seconds; undefined where there is no session timer. */
  get interval(): number | undefined {
    return this.#interval;
  }

  /** What an INVITE or UPDATE of this side says (RFC 4028 7.1, 7.4). */
  requestHeaders(): HeaderInit[] {
    if (this.#settings === 'off') return [];
    const seconds = Math.max(this.#interval ?? this.#settings.interval, this.#minimum, leastInterval);
    const refresher = this.#refresher === undefined ? undefined : this.#refresher === 'local' ? 'uac' : 'uas';
    const headers = [headerField(SessionExpires, { seconds, refresher })];
    if (this.#minimum > 0) headers.push(headerField(MinSE, { seconds: this.#minimum }));
    return headers;
  }

  /** Takes a 422. True when the request may go once more, with the interval that it asks for (RFC 4028 7.3). */
  tooSmall(response: SipResponse): boolean {
    const wanted = secondsOf(response, MinSE);
    if (wanted === undefined || wanted <= Math.max(this.#minimum, leastInterval) || wanted > longestMinimum)
      return false;
    this.#minimum = wanted;
    return true;
  }

  /** Takes the 2xx to an INVITE or UPDATE of this side (RFC 4028 7.2). */
  answered(response: SipResponse): void {
    const expires = response.get(SessionExpires);
    if (expires === undefined || expires instanceof SyntaxFault) this.#set(undefined, undefined);
    else this.#set(expires.seconds, expires.refresher === 'uas' ? 'remote' : 'local');
  }

  /** Looks at a request that would refresh the session: header fields for a 422, or nothing where it is in order. */
  examine(request: SipRequest): HeaderInit[] | undefined {
    if (this.#settings === 'off' || !hasTag(request, 'Supported', 'timer')) return undefined;
    const seconds = secondsOf(request, SessionExpires);
    const minimum = Math.max(this.#settings.minimum, leastInterval);
    return seconds === undefined || seconds >= minimum ? undefined : [headerField(MinSE, { seconds: minimum })];
  }

  /** What the 2xx to a request says that refreshes the session, which begins anew by that (RFC 4028 9, table 2). */
  accept(request: SipRequest): HeaderInit[] {
    const settings = this.#settings;
    const minimum = secondsOf(request, MinSE) ?? 0;
    if (minimum <= longestMinimum) this.#minimum = Math.max(this.#minimum, minimum);
    const asked = request.get(SessionExpires);
    if (settings === 'off') {
      this.#set(undefined, undefined);
      return [];
    }
    const supports = hasTag(request, 'Supported', 'timer');
    const isAsked = asked !== undefined && !(asked instanceof SyntaxFault);
    const own = Math.max(this.#interval ?? settings.interval, this.#minimum, leastInterval);
    const seconds = isAsked ? Math.max(asked.seconds, leastInterval) : own;
    const refresher = supports && isAsked ? (asked.refresher ?? 'uac') : 'uas';
    this.#set(seconds, refresher === 'uac' ? 'remote' : 'local');
    const headers = [headerField(SessionExpires, { seconds, refresher })];
    return supports ? [...headers, ['Require', 'timer']] : headers;
  }

  /** Tries again a little later to refresh, as long as there is time. */
  retryIn(milliseconds: number): void {
    if (this.#refresher !== 'local') return;
    this.#refresh?.cancel();
    this.#refresh = this.#clock.after(milliseconds, () => {
      this.#user.refresh();
    });
  }

  /** Nothing is refreshed any more, and nothing runs out. */
  stop(): void {
    this.#refresher = undefined;
    this.#clear();
  }

  #clear(): void {
    this.#refresh?.cancel();
    this.#expiry?.cancel();
    this.#refresh = undefined;
    this.#expiry = undefined;
  }

  #set(seconds: number | undefined, refresher: 'local' | 'remote' | undefined): void {
    this.#clear();
    this.#interval = seconds === undefined ? undefined : Math.max(seconds, leastInterval);
    this.#refresher = refresher;
    if (this.#interval === undefined) return;
    const interval = this.#interval;
    if (refresher === 'local') this.retryIn((interval * 1_000) / 2);
    // Who refreshes may do so to the last; who waits for it says goodbye a little earlier (RFC 4028 10).
    const lasting = refresher === 'local' ? interval : interval - Math.min(margin, interval / 3);
    this.#expiry = this.#clock.after(lasting * 1_000, () => {
      this.#user.expired();
    });
  }
}

function secondsOf(message: SipMessage, type: typeof MinSE): number | undefined {
  const value = message.get(type);
  return value === undefined || value instanceof SyntaxFault ? undefined : value.seconds;
}

/** Whether a list of option tags or methods has this one. */
export function hasTag(message: SipMessage, header: 'Supported' | 'Require' | 'Allow', tag: string): boolean {
  return message.rawAll(header).some((each) => each.toLowerCase() === tag.toLowerCase());
}

/** Whether somebody understands an extension. */
export function supports(message: SipMessage, tag: string): boolean {
  return hasTag(message, 'Supported', tag) || hasTag(message, 'Require', tag);
}
