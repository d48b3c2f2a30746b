import type { UserPassword } from '../auth/digest-session.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { MessageLimits } from '../message/message.ts';
import type { Parameters } from '../message/parameters.ts';
import type { SipUri } from '../message/uri.ts';
import type { TimerValues } from '../transaction/timers.ts';
import type { Flow, Transport } from '../transport/contract.ts';
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

/** What holds where nothing else is said; docs/limits.md says why. */
export const defaultUserAgentLimits: UserAgentLimits = { dialogs: 1_000, requests: 1_000, serverTransactions: 2_000 };

/** Who a user agent is, and by what it sends, finds and proves itself. */
export interface UserAgentOptions {
  /** The address of record, with the display name that others see. */
  readonly address: NameAddr | string;
  readonly transports: readonly Transport[];
  readonly resolver: Resolver;
  /** Name and password for a realm, in latin1 characters as `encodeUtf8` makes them. */
  readonly credentials?: ((realm: string) => UserPassword | undefined) | undefined;
  /** The outbound proxies that every request outside of a dialog goes by (RFC 3261 8.1.2), the first one first. */
  readonly route?: readonly NameAddr[] | undefined;
  /** What every Contact says beside the address: feature tags (RFC 3840), as `automata` of a machine. */
  readonly features?: Parameters | undefined;
  /** The address that leads here, for a user agent that others do not reach at its transports: `sip:` or `sips:` as it fits. */
  readonly contact?: SipUri | undefined;
  /** Users of a Request-URI that mean this user agent as well, beside that of `address`: the slots of a parking lot. */
  readonly isOurUser?: ((user: string) => boolean) | undefined;
  /** Whether what comes over a flow was looked at by a proxy that says truly who sent it (RFC 3325); registrars are trusted anyway. */
  readonly trusts?: ((flow: Flow) => boolean) | undefined;
  /** What User-Agent and Server say; neither is sent without it. */
  readonly product?: string | undefined;
  readonly limits?: Partial<UserAgentLimits> | undefined;
  readonly messageLimits?: MessageLimits | undefined;
  readonly timers?: TimerValues | undefined;
}
