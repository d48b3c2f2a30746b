import type { SipResponse } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import type { SocketAddress } from '../transport/contract.ts';

/**
 * Where the far end sees this side (RFC 3261 18.2.1, RFC 3581): `received` and `rport` of the own Via. The port that a
 * connection comes from says something of a NAT alone; without one, others find the port that the Via names.
 */
export function seenBy(response: SipResponse): SocketAddress | undefined {
  const { protocol, host, received, rport } = response.topVia;
  const isTranslated = received !== undefined && received !== host;
  if (typeof rport !== 'number' || !(protocol === 'UDP' || isTranslated)) return undefined;
  return { address: received ?? host, port: rport };
}

/** Whether a contact leads to an address. */
export function isAt({ host, port }: SipUri, { address, port: seenPort }: SocketAddress): boolean {
  return host === address && (port ?? 5060) === seenPort;
}
