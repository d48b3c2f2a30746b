/** Character classes of RFC 3261 25.1, as bits of one table, so that a scanner asks with one look-up. */

export const TOKEN = 1;
export const DIGIT = 2;
export const HEX = 4;
/** `user-unreserved` and `unreserved`: what the user part of a SIP URI holds unescaped. */
export const USER = 8;
/** `paramchar`: URI parameters. */
export const URI_PARAMETER = 16;
/** `hnv-unreserved` and `unreserved`: embedded header fields of a URI. */
export const URI_HEADER = 32;
/** `word`: Call-ID. */
export const WORD = 64;
/** Letters, digits, hyphen and dot: host names and IPv4 addresses. */
export const HOST = 128;
export const UNRESERVED = 256;
export const RESERVED = 512;
export const PASSWORD = 1024;
/** Space, tab, and the CR LF that stands inside a folded value. */
export const SPACE = 2048;
/** What a generic-param value holds without quotes: token, or a host with its brackets and colons. */
export const PARAMETER_VALUE = 4096;
/** What may stand in any URI (RFC 2396 `uric` and the escape sign, brackets for IPv6 references). */
export const URI = 8192;

const classes = new Uint16Array(256);

function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    classes[code] = (classes[code] ?? 0) | bits;
  }
}

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const markCharacters = "-_.!~*'()";
const unreserved = digits + letters + markCharacters;
mark(digits, DIGIT | HEX);
mark('abcdefABCDEF', HEX);
mark(unreserved, UNRESERVED | USER | URI_PARAMETER | URI_HEADER | PASSWORD | URI);
mark(';/?:@&=+$,', RESERVED | URI);
mark('%[]', URI);
mark('&=+$,;?/', USER);
mark('&=+$,', PASSWORD);
mark('[]/:&+$', URI_PARAMETER);
mark('[]/?:+$', URI_HEADER);
mark(digits + letters + "-.!%*_+`'~", TOKEN | WORD | PARAMETER_VALUE);
mark('()<>:\\"/[]?{}', WORD);
mark('[]:', PARAMETER_VALUE);
mark(`${digits}${letters}-.`, HOST);
mark(' \t\r\n', SPACE);

/** Whether the character code is in any of the classes. Codes above one byte are in none. */
export function isIn(code: number, bits: number): boolean {
  return ((classes[code] ?? 0) & bits) !== 0;
}

/** The first position at or after `position` whose character is not in the classes. */
export function skip(text: string, position: number, end: number, bits: number): number {
  let i = position;
  while (i < end && isIn(text.charCodeAt(i), bits)) i++;
  return i;
}

/** The end of `text` between `start` and `end` without its trailing white space. */
export function trimEnd(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && isIn(text.charCodeAt(i - 1), SPACE)) i--;
  return i;
}

/** Whether all of `text` is in the classes, and there is at least one character. */
export function isAll(text: string, bits: number): boolean {
  return text.length > 0 && skip(text, 0, text.length, bits) === text.length;
}

/**
 * The position after the quoted string that starts at `position` (which holds the opening quote), or -1 when it
 * does not end before `end`. A backslash takes the next character with it (RFC 3261 25.1 `quoted-pair`).
 */
export function skipQuoted(text: string, position: number, end: number): number {
  for (let i = position + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code === 0x5c) i++;
  }
  return -1;
}

/** The decimal number between `start` and `end`, or -1 when it is empty, holds another character or passes `maximum`. */
export function scanNumber(text: string, start: number, end: number, maximum: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > maximum) return -1;
  }
  return value;
}

/** ASCII case folding equality of part of `text` with a word that is given in lower case. */
export function equalsFolded(text: string, start: number, end: number, lowerCaseWord: string): boolean {
  if (end - start !== lowerCaseWord.length) return false;
  if (text.startsWith(lowerCaseWord, start)) return true;
  for (let i = 0; i < lowerCaseWord.length; i++) {
    let code = text.charCodeAt(start + i);
    if (code >= 0x41 && code <= 0x5a) code |= 0x20;
    if (code !== lowerCaseWord.charCodeAt(i)) return false;
  }
  return true;
}

/** ASCII lower case; other letters stay, unlike with `toLowerCase`, which would fold latin1 bytes of UTF-8 text. */
export function lowerCase(text: string): string {
  let hasCapital = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
    if (code >= 0x41 && code <= 0x5a) hasCapital = true;
  }
  return hasCapital ? text.toLowerCase() : text;
}
