import { DIGIT, HEX, HOST, scanNumber, skip } from './characters.ts';

/** Whether the text is an IPv4 address in dotted form. */
export function isIpv4(text: string): boolean {
  let start = 0;
  for (let group = 0; group < 4; group++) {
    const end = skip(text, start, text.length, DIGIT);
    if (end - start > 3 || scanNumber(text, start, end, 255) < 0) return false;
    if (group === 3) return end === text.length;
    if (text.charCodeAt(end) !== 0x2e) return false;
    start = end + 1;
  }
  return false;
}

/**
 * The eight groups of an IPv6 address without brackets, or undefined. Three colons in a row before an IPv4 tail are
 * taken as two: the grammar of RFC 3261 makes senders write them (RFC 5118 4.10).
 */
export function ipv6Groups(text: string): number[] | undefined {
  if (text.length > 46) return undefined;
  const groups: number[] = [];
  let gap = -1;
  let i = 0;
  const end = text.length;
  if (text.startsWith('::')) {
    gap = 0;
    i = text.charCodeAt(2) === 0x3a ? 3 : 2;
    if (i === end) return i === 2 ? [0, 0, 0, 0, 0, 0, 0, 0] : undefined;
  }
  for (;;) {
    const start = i;
    i = skip(text, start, end, HEX);
    if (text.charCodeAt(i) === 0x2e) {
      const tail = text.slice(start);
      if (!isIpv4(tail)) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
      break;
    }
    if (i === start || i - start > 4) return undefined;
    groups.push(Number.parseInt(text.slice(start, i), 16));
    if (i === end) break;
    if (text.charCodeAt(i) !== 0x3a) return undefined;
    i++;
    if (text.charCodeAt(i) !== 0x3a) continue;
    if (gap >= 0) return undefined;
    gap = groups.length;
    i++;
    if (text.charCodeAt(i) === 0x3a) i++;
    if (i === end) break;
  }
  if (gap < 0) return groups.length === 8 ? groups : undefined;
  if (groups.length > 7) return undefined;
  const zeros: number[] = Array.from({ length: 8 - groups.length }, () => 0);
  return [...groups.slice(0, gap), ...zeros, ...groups.slice(gap)];
}

/** Whether the text is an IPv6 address, without brackets. */
export function isIpv6(text: string): boolean {
  return ipv6Groups(text) !== undefined;
}

/** The end of the host that starts at `position` (a name, an IPv4 address or a bracketed IPv6 address), or -1. */
export function hostEnd(text: string, position: number, end: number): number {
  if (position < end && text.charCodeAt(position) === 0x5b) {
    const close = text.indexOf(']', position);
    if (close < 0 || close >= end || close - position > 48) return -1;
    return isIpv6(text.slice(position + 1, close)) ? close + 1 : -1;
  }
  const stop = skip(text, position, end, HOST);
  return isHostName(text, position, stop) ? stop : -1;
}

/**
 * Host names and IPv4 addresses as RFC 3261 25.1 writes them, more kindly: empty labels and hyphens at the edge of a
 * label are refused, an all-digit top label is not (a name server decides).
 */
function isHostName(text: string, start: number, end: number): boolean {
  if (start >= end) return false;
  let previous = 0x2e;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (previous === 0x2e && (code === 0x2e || code === 0x2d)) return false;
    if (previous === 0x2d && code === 0x2e) return false;
    previous = code;
  }
  return previous !== 0x2d;
}

/** A host as it stands in a URI or a Via: an IPv6 address gets its brackets. */
export function printHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The form in which hosts compare: one trailing dot off, IPv6 addresses by value (RFC 5954 4.1). */
export function canonicalHost(host: string): string {
  if (!host.includes(':')) return host.endsWith('.') ? host.slice(0, -1) : host;
  return ipv6Groups(host)?.join(':') ?? host;
}

/** Whether the text is all of a host, IPv6 addresses with or without brackets. */
export function isHost(text: string): boolean {
  return isIpv6(text) || hostEnd(text, 0, text.length) === text.length;
}
