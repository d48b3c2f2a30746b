import { DIGIT, HEX, HOST, isAll, isIn, scanNumber, skip } from './characters.ts';

/** Eight groups with an IPv4 tail, and one colon too many. */
const longestIpv6 = 46;
const HYPHEN = 0x2d;
const DOT = 0x2e;

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
  // Most hosts that are asked about are names and IPv4 addresses.
  if (text.length > longestIpv6 || !text.includes(':')) return undefined;
  const halves = text.replace(/:::(?=\d+\.)/, '::').split('::');
  const [head = '', tail] = halves;
  if (halves.length > 2) return undefined;
  const before = groupsOf(head, tail === undefined);
  if (before === undefined || tail === undefined) return before?.length === 8 ? before : undefined;
  const after = groupsOf(tail, true);
  if (after === undefined || before.length + after.length > 7) return undefined;
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

/** Groups with single colons between them; the last may be an IPv4 address when the address ends here. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [position, part] of parts.entries()) {
    if (isLast && position === parts.length - 1 && isIpv4(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (part.length <= 4 && isAll(part, HEX)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** Whether the text is an IPv6 address, without brackets. */
export function isIpv6(text: string): boolean {
  return ipv6Groups(text) !== undefined;
}

/** The end of the host that starts at `position` (a name, an IPv4 address or a bracketed IPv6 address), or -1. */
export function hostEnd(text: string, position: number, end: number): number {
  if (position < end && text.charCodeAt(position) === 0x5b) {
    const close = text.indexOf(']', position);
    if (close < 0 || close >= end || close - position > longestIpv6 + 1) return -1;
    return isIpv6(text.slice(position + 1, close)) ? close + 1 : -1;
  }
  return hostNameEnd(text, position, end);
}

/**
 * Host names and IPv4 addresses as RFC 3261 25.1 writes them, more kindly: empty labels and hyphens at the edge of a
 * label are refused, an all-digit top label is not (a name server decides).
 */
function hostNameEnd(text: string, start: number, end: number): number {
  let previous = DOT;
  let i = start;
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isIn(code, HOST)) break;
    if (code <= DOT) {
      if (previous === DOT || (previous === HYPHEN && code === DOT)) return -1;
    }
    previous = code;
  }
  return i === start || previous === HYPHEN ? -1 : i;
}

/** The host between two positions in lower case and without brackets. */
export function hostText(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) === 0x5b) return text.slice(start + 1, end - 1).toLowerCase();
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x5a && code >= 0x41) return text.slice(start, end).toLowerCase();
  }
  return text.slice(start, end);
}

/** A host as it stands in a URI or a Via: an IPv6 address gets its brackets. */
export function printHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The form in which hosts compare, without brackets: a trailing dot off, IPv6 addresses by value (RFC 5954 4.1). */
export function canonicalHost(host: string): string {
  if (!host.includes(':')) return host.endsWith('.') ? host.slice(0, -1) : host;
  return (
    ipv6Groups(host)
      ?.map((group) => group.toString(16))
      .join(':') ?? host
  );
}

/** Whether the text is all of a host, IPv6 addresses with or without brackets. */
export function isHost(text: string): boolean {
  return isIpv6(text) || hostEnd(text, 0, text.length) === text.length;
}
