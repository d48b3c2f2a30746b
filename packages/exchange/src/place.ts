import { canonicalHost } from '@switchhook/sip';
import type { SipUri } from '@switchhook/sip';

const mapped = '0:0:0:0:0:ffff:';

/** A host in the form in which hosts compare: an IPv4 address that is written as one of IPv6 is the same one (RFC 4291 2.5.5.2). */
export function comparableHost(host: string): string {
  const canonical = canonicalHost(host);
  if (!canonical.startsWith(mapped)) return canonical;
  const [, high, low] = /^0:0:0:0:0:ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const octets = [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return octets.join('.');
}

/** A host and a port, in the form in which such places compare. */
export function placeAt(host: string, port: number): string {
  return `${comparableHost(host)} ${String(port)}`;
}

/** Where requests to a URI go, as far as its text tells (RFC 3261 19.1.1, 19.1.2). */
export function placeOf({ scheme, destinationHost, port, transport }: SipUri): string {
  return placeAt(destinationHost, port ?? (scheme === 'sips' || transport === 'tls' ? 5061 : 5060));
}
