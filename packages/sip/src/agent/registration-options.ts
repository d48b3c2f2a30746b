import type { RequestFailure } from '../dialog/contract.ts';
import type { NameAddr } from '../message/name-addr.ts';

/** How long to wait before a failed flow is formed anew (RFC 5626 4.5), in milliseconds. */
export interface FlowRecoveryTimes {
  /** While no flow is registered. */
  readonly baseAllFailed: number;
  /** While another one is. */
  readonly base: number;
  readonly maximum: number;
}

/** Those of RFC 5626 4.5, in milliseconds. */
export const defaultFlowRecoveryTimes: FlowRecoveryTimes = {
  baseAllFailed: 30_000,
  base: 90_000,
  maximum: 1_800_000,
};

/** How a phone is registered, and how long that stands (RFC 3261 10.2, RFC 5626 4.2). */
export interface RegistrationOptions {
  /** Seconds to ask for; 3600 without it. */
  readonly expires?: number | undefined;
  /**
   * What this phone is known by, however often it starts (RFC 5626 4.1): a URN, as `urn:uuid:...`. Without it a new one
   * is made, and the registrar takes the phone for another one after each start.
   */
  readonly instanceId?: string | undefined;
  /**
   * The outbound-proxy-set (RFC 5626 4.2.1): a flow is formed by way of each, up to four. Without it one flow goes by the
   * routes of the user agent.
   */
  readonly outboundProxies?: readonly NameAddr[] | undefined;
  /** What the Contact says of the phone (RFC 3840), as header parameters: `audio`, `+sip.rendering`. */
  readonly features?: Readonly<Record<string, string | true>> | undefined;
  readonly recovery?: Partial<FlowRecoveryTimes> | undefined;
}

/** Why there is no registration. */
export interface RegistrationFailure {
  /** The registrar's status, or what its silence counts as. */
  readonly status: number;
  readonly reason: string;
  /** What went wrong on the way, where no response came. */
  readonly code?: RequestFailure['code'];
}

/** How things stand, for a person. Times are milliseconds since 1970. */
export type RegistrationState =
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'registering' }
  | { readonly kind: 'registered'; readonly until: number }
  /** Without `retryAt` it is not tried again by itself: the registrar said no. */
  | { readonly kind: 'failed'; readonly failure: RegistrationFailure; readonly retryAt?: number | undefined }
  | { readonly kind: 'unregistering' };
