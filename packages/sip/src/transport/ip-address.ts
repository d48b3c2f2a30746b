import { ipv6Groups, isIpv4 } from '../message/host.ts';

/** The bytes of an IPv4 or IPv6 address without brackets, or undefined when the text is none. */
export function addressBytes(text: string): readonly number[] | undefined {
  const address = withoutZone(text);
  if (isIpv4(address)) return address.split('.').map(Number);
  return ipv6Groups(address)?.flatMap((group) => [group >> 8, group & 255]);
}

/** The address without the zone that a link-local one may carry, which means nothing to others (RFC 4007 11). */
export function withoutZone(address: string): string {
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}

/** Tells the families apart where the text is known to be an address. */
export function isIpv6Address(address: string): boolean {
  return address.includes(':');
}

/**
 * What one customer of a network is known by: the IPv4 address, or the first 64 bits of the IPv6 one, within which a
 * single host takes as many addresses as it likes (RFC 4291 2.5.4, RFC 8981).
 */
export function sourceNetwork(address: string): string {
  if (!isIpv6Address(address)) return address;
  const bytes = addressBytes(address);
  return bytes?.length === 16 ? addressText([...bytes.slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]) : address;
}

/** True for an address that leads back to this machine (RFC 1122 3.2.1.3, RFC 4291 2.5.3). */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** True for the address that means every address of the machine. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** `host:port`, with brackets around an IPv6 address (RFC 3261 25.1, hostport). */
export function hostPort(host: string, port: number): string {
  return isIpv6Address(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The text of 4 or 16 bytes, IPv6 in the short form of RFC 5952. */
export function addressText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0));
  const gap = longestZeroRun(groups);
  const print = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (gap.length < 2) return print(groups);
  return `${print(groups.slice(0, gap.start))}::${print(groups.slice(gap.start + gap.length))}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

/** Whether a socket bound to `local` can send to `address`: same family, and from loopback only to loopback. */
export function canReach(local: string, address: string): boolean {
  return isIpv6Address(local) === isIpv6Address(address) && (!isLoopback(local) || isLoopback(address));
}
