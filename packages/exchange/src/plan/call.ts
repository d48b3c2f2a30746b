import { isSecure, Join, Replaces } from '@switchhook/sip';
import type { Binding, SipRequest, Uri } from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import type { Caller } from './access.ts';
import type { Domains, OurAddress } from './domains.ts';
import { divertersOf } from './history.ts';
import type { Chain } from './history.ts';
import { asserting, isConcealed, trim } from './trim.ts';
import type { Trim } from './trim.ts';

/** A request to be routed, and what was found out about it. */
export interface Question {
  readonly request: SipRequest;
  readonly uri: Uri;
  /** Route values that remain when this exchange's own are taken off. */
  readonly route: readonly string[];
  readonly caller: Caller;
  /** What the Request-URI means here; undefined when it is somebody else's address. */
  readonly address: OurAddress | undefined;
  /** Whether credentials for a realm were meant for us. */
  readonly isOurRealm: (realm: string) => boolean;
  /** For a GRUU: the bindings of the one instance that is meant, the newest first (RFC 5627 6.1). */
  readonly instance?: readonly Binding[];
  /** Takes down why the call goes where it goes, for people. */
  readonly note?: (sentence: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Counts what a service does with the call. */
  readonly count?: (service: ServiceEvent) => void;
}

/** What services do with calls, as the metrics count it. */
export const serviceEvents = [
  'forwarded',
  'redirected',
  'looked for',
  'rung as a group',
  'not disturbed',
  'all lines busy',
  'screened incoming',
  'screened outgoing',
  'loop',
  'forwarded too often',
  'out of reach',
] as const;

export type ServiceEvent = (typeof serviceEvents)[number];

/** A call on its way through the plan: what stays the same however often it is sent on. */
export interface Call {
  readonly request: SipRequest;
  readonly caller: Caller;
  /** Addresses of record of those who have sent it on before it came here. */
  readonly diverters: readonly string[];
  /** It asks for `sips`, which every place it goes to has to keep (RFC 5630). */
  readonly secure: boolean;
  /**
   * Whether it may be sent on to others: what begins a dialog of its own. A call that replaces or joins another one
   * (RFC 3891, 3911) is meant for the phone that has that one, as is what is addressed to an instance (RFC 5627).
   */
  readonly diverts: boolean;
  /** For phones and others out of the exchange's trust. */
  readonly trim: Trim;
  /** For its own servers, who know whom they serve even where phones must not (RFC 3325 7). */
  readonly serverTrim: Trim;
  readonly note: ((sentence: string) => void) | undefined;
  readonly count: ((service: ServiceEvent) => void) | undefined;
  readonly now: () => number;
}

/** One place that a call is sent to. */
export interface Leg {
  readonly uri: Uri;
  /** Who sent the call on to here, and so answers for its going on; undefined where the caller does. */
  readonly account: Account | undefined;
  /** How it came here; undefined while nobody has sent it on. */
  readonly chain: Chain | undefined;
}

/** What is asked, with what routing needs of it; `ours` tells whom a URI means here. */
export function callOf(question: Question, ours: Domains['reached']): Call {
  const { request, uri, caller, isOurRealm, instance, note, now, count } = question;
  const trimmed = trim(request, isOurRealm);
  const serverTrim = asserting(trimmed, caller);
  return {
    request,
    caller,
    diverters: divertersOf(request, ours),
    secure: isSecure(uri),
    diverts:
      request.method === 'INVITE' &&
      request.toTag === undefined &&
      instance === undefined &&
      !request.has(Replaces) &&
      !request.has(Join),
    trim: isConcealed(request, caller) ? trimmed : serverTrim,
    serverTrim,
    note,
    now,
    count,
  };
}
