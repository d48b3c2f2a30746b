import type { SipUri } from '../message/uri.ts';
import type { Destination } from './contract.ts';

/** A lookup that found nowhere to go. `temporary` when asking again later may help (a DNS server that did not answer). */
export interface ResolutionError {
  readonly code: 'no-records' | 'no-transport' | 'dns-failure';
  readonly temporary: boolean;
  readonly message: string;
}

/**
 * Finds where to send a request for a URI: RFC 3263 section 4, best destination first.
 * An answer that needs no lookup (a numeric address) comes without a promise, so that the common path never waits.
 */
export interface Resolver {
  resolve(uri: SipUri): readonly Destination[] | ResolutionError | Promise<readonly Destination[] | ResolutionError>;
  /**
   * Says that a request to `destination` came to nothing (503, no answer, no connection; RFC 3263 4.3), so that for a
   * while, or for `milliseconds` where a Retry-After tells, others come first.
   */
  markFailed?(destination: Destination, milliseconds?: number): void;
}
