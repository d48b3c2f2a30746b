import type { UserPassword } from '../auth/digest-session.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { MessageLimits } from '../message/message.ts';
import type { TimerValues } from '../transaction/timers.ts';
import type { Transport } from '../transport/contract.ts';
import type { Resolver } from '../transport/resolver.ts';

/** What a user agent keeps at most. */
export interface UserAgentLimits {
  /** Dialogs; a request that would make one more gets 503 with Retry-After, and an own one is not sent. */
  readonly dialogs: number;
  /** Own requests under way; further ones are not sent. */
  readonly requests: number;
  /** Requests that came and are not done with; further ones get 503 with Retry-After. */
  readonly serverTransactions: number;
}

export const defaultUserAgentLimits: UserAgentLimits = { dialogs: 1_000, requests: 1_000, serverTransactions: 2_000 };

export interface UserAgentOptions {
  /** The address of record, with the display name that others see. */
  readonly address: NameAddr | string;
  readonly transports: readonly Transport[];
  readonly resolver: Resolver;
  /** Name and password for a realm, in latin1 characters as `encodeUtf8` makes them. */
  readonly credentials?: ((realm: string) => UserPassword | undefined) | undefined;
  /** The outbound proxies that every request outside of a dialog goes by (RFC 3261 8.1.2), the first one first. */
  readonly route?: readonly NameAddr[] | undefined;
  /** What User-Agent and Server say; neither is sent without it. */
  readonly product?: string | undefined;
  readonly limits?: Partial<UserAgentLimits> | undefined;
  readonly messageLimits?: MessageLimits | undefined;
  readonly timers?: TimerValues | undefined;
}
