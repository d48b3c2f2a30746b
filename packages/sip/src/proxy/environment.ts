import type { SipContext } from '../context.ts';
import type { SipUri } from '../message/uri.ts';
import type { DelayLines } from '../transaction/delay-line.ts';
import type { Resolver } from '../transport/resolver.ts';
import type { ProxyTransactions, ProxyTransports } from './layers.ts';
import type { Destination } from '../transport/contract.ts';
import type { RecordRouting } from './record-route.ts';
import type { RequestContext } from './request-context.ts';

/** What a proxy waits for, and how far it goes. */
export interface ProxyOptions {
  /** Milliseconds an INVITE may go on without a final response; more than three minutes (RFC 3261 16.6 step 11). */
  readonly timerC?: number;
  /** Milliseconds after a CANCEL until its INVITE counts as ended (RFC 3261 9.1: 64 T1). */
  readonly cancelTimeout?: number;
  /** Default and upper bound of Max-Breadth (RFC 5393 5.3.3). */
  readonly maximumBreadth?: number;
  /** Branches that one request may make, recursion and following plans included. */
  readonly maximumTargets?: number;
  /** Requests that may be in progress; more are answered 503. Of strangers, half as many. */
  readonly maximumContexts?: number;
  /** Of these, those of one source: an account, or the network that a stranger comes from. */
  readonly maximumContextsPerSource?: number;
  /** Transactions that the layer beneath keeps. One source may have half of them, all strangers three quarters. */
  readonly maximumTransactions?: number;
  /** Seconds that a 503 asks to wait. */
  readonly retryAfter?: number;
  /** Option tags in Proxy-Require that this proxy fulfils. */
  readonly extensions?: readonly string[];
  /** Keeps Record-Route values good over a restart. Made anew each time when absent. */
  readonly secret?: string;
}

export type ProxySettings = Required<Omit<ProxyOptions, 'secret' | 'extensions'>> & {
  readonly extensions: ReadonlySet<string>;
};

export function settingsOf(options: ProxyOptions): ProxySettings {
  return {
    timerC: options.timerC ?? 185_000,
    cancelTimeout: options.cancelTimeout ?? 32_000,
    maximumBreadth: options.maximumBreadth ?? 60,
    maximumTargets: options.maximumTargets ?? 100,
    maximumContexts: options.maximumContexts ?? 50_000,
    maximumContextsPerSource: options.maximumContextsPerSource ?? 5_000,
    maximumTransactions: options.maximumTransactions ?? 200_000,
    retryAfter: options.retryAfter ?? 5,
    extensions: new Set((options.extensions ?? []).map((tag) => tag.toLowerCase())),
  };
}

/** What every part of the proxy works with. */
export interface ProxyEnvironment {
  readonly context: SipContext;
  readonly transactions: ProxyTransactions;
  readonly transports: ProxyTransports;
  readonly resolver: Resolver;
  readonly recordRouting: RecordRouting;
  readonly settings: ProxySettings;
  /** Whether the policy lets a request go to a place that was found for a URI of it. */
  readonly mayReach: (destination: Destination, uri: SipUri, request: RequestContext) => boolean;
  /** For timer C, which each INVITE starts and hardly any has fire. */
  readonly lines: DelayLines<'timerC'>;
}
