import { isIn, lowerCase, TOKEN } from './characters.ts';

/** The one-letter header names that IANA has registered (RFC 3261 7.3.3 and later). */
const compactNames: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** Letter `a` to `z` at 0 to 25: the whole name, or '' where no compact form is registered. */
const wholeNames: readonly string[] = Array.from(
  { length: 26 },
  (_, i) => compactNames[String.fromCharCode(0x61 + i)] ?? '',
);

/** What every message must have, or a proxy asks every message for. Their last letters tell them apart. */
export const essentialNames = ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Length'] as const;

/**
 * The key of the name between two positions, by which names are told apart while they are scanned: its length, its
 * first and its last letter, capitals folded.
 */
export function keyOf(text: string, start: number, end: number): number {
  return ((end - start) << 16) | ((text.charCodeAt(start) | 0x20) << 8) | (text.charCodeAt(end - 1) | 0x20);
}

const wholeKeys: readonly number[] = wholeNames.map((name) => (name === '' ? 0 : keyOf(name, 0, name.length)));

/** The key of the name that a one-letter name stands for, or 0 when it stands for none. */
export function compactKey(code: number): number {
  return wholeKeys[(code | 0x20) - 0x61] ?? 0;
}

/**
 * The key of a header name as somebody asks for it. Different names may share a key, which costs a hostile sender's
 * message a comparison and nothing else: {@link isNamed} decides.
 */
export function headerKey(name: string): number {
  return (name.length === 1 ? compactKey(name.charCodeAt(0)) : 0) || keyOf(name, 0, name.length);
}

/** The name of a header field in lower case, a compact one (RFC 3261 7.3.3) in full. */
export function wholeHeaderName(name: string): string {
  const lower = lowerCase(name);
  return lower.length === 1 ? (compactNames[lower] ?? lower) : lower;
}

/** Whether the header line at `start` has that name, in whole or compact form, whatever the capitals. */
export function isNamed(text: string, start: number, name: string): boolean {
  if (text.startsWith(name, start) && !isIn(text.charCodeAt(start + name.length), TOKEN)) return true;
  const lineName = wholeNameAt(text, start);
  const wanted = name.length === 1 ? (wholeNames[(name.charCodeAt(0) | 0x20) - 0x61] ?? '') || name : name;
  if (lineName !== '') return sameLetters(lineName, 0, wanted);
  return sameLetters(text, start, wanted) && !isIn(text.charCodeAt(start + wanted.length), TOKEN);
}

/** What the one-letter name at `start` stands for; '' when the name is longer or not registered. */
function wholeNameAt(text: string, start: number): string {
  if (isIn(text.charCodeAt(start + 1), TOKEN)) return '';
  return wholeNames[(text.charCodeAt(start) | 0x20) - 0x61] ?? '';
}

/** Setting bit 5 folds capitals and makes no two other characters of a token the same. */
function sameLetters(text: string, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if ((text.charCodeAt(start + i) | 0x20) !== (name.charCodeAt(i) | 0x20)) return false;
  }
  return true;
}
