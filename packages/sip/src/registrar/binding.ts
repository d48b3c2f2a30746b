import type { TransportProtocol } from '../transport/contract.ts';

/** Where a REGISTER came from: what a phone behind a NAT can be reached at. */
export interface ReceivedFrom {
  readonly protocol: TransportProtocol;
  readonly address: string;
  readonly port: number;
}

/**
 * One contact of an address of record (RFC 3261 10, RFC 3327 5.3, RFC 5626 6). Plain data: `JSON.stringify` keeps all
 * of it.
 */
export interface Binding {
  /** The canonical address of record that it belongs to. */
  readonly addressOfRecord: string;
  /** The contact URI as it came. */
  readonly contact: string;
  /** Contact parameters that mean nothing to the registrar, such as feature tags: `;name=value…`. */
  readonly parameters: string;
  /** Preference among the contacts, 0 to 1; 1 when none was given. */
  readonly q: number;
  readonly callId: string;
  readonly cseq: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly updatedAt: number;
  /** The Route values towards this contact, as name-addr texts. */
  readonly path: readonly string[];
  /** `+sip.instance` without its angle brackets. */
  readonly instanceId?: string;
  /** Present when outbound processing applied: the binding is to the instance and this flow of it (RFC 5626 6). */
  readonly regId?: number;
  /**
   * The id of the flow that the REGISTER came over straight from the phone, absent when other proxies are between, and
   * once a connection has ended. It means something only in the process that wrote it: a store leaves it out of what it loads.
   */
  readonly flow?: number;
  readonly received?: ReceivedFrom;
  /** What all valid temporary GRUUs of the instance hide (RFC 5627 5.4); one for all bindings of the instance. */
  readonly gruuId?: string;
  /** The CSeq number of the REGISTER that brought the first of them (RFC 5628 5). */
  readonly gruuCSeq?: number;
  readonly userAgent?: string;
}
