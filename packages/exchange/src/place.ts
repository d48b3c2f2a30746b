import { canonicalHost } from '@switchhook/sip';
import type { SipUri } from '@switchhook/sip';

/** A host and a port, in the form in which such places compare. */
export function placeAt(host: string, port: number): string {
  return `${canonicalHost(host)} ${String(port)}`;
}

/** Where requests to a URI go, as far as its text tells (RFC 3261 19.1.1, 19.1.2). */
export function placeOf({ scheme, destinationHost, port, transport }: SipUri): string {
  return placeAt(destinationHost, port ?? (scheme === 'sips' || transport === 'tls' ? 5061 : 5060));
}
