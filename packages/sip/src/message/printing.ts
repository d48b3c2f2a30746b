import { SwitchhookError } from '../error.ts';
import { isAll, PARAMETER_VALUE, TOKEN, WORD } from './characters.ts';

/*
 * What a user of the library puts into a message is checked where it is printed: a value that would say more than
 * itself, a parameter more or another header field, is misuse and throws.
 */

const CR = 0x0d;
const LF = 0x0a;
const BACKSLASH = 0x5c;

export function refused(what: string, text: string): SwitchhookError {
  return new SwitchhookError('invalid-header-value', `${what} cannot be ${JSON.stringify(text)}`);
}

/**
 * Passes a text that stays in its line: no line ends, no NUL but as a quoted-pair (RFC 3261 25.1), and no character
 * over a byte, of which the wire would carry the lower half, which may be a line end: U+010A.
 */
export function checkLine(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > CR && code <= 0xff) continue;
    if (code === CR || code === LF || code > 0xff || (code === 0 && text.charCodeAt(i - 1) !== BACKSLASH)) {
      throw refused('a line of a message', text);
    }
  }
  return text;
}

/** Passes a body of bytes. */
export function checkBody(body: string): string {
  for (let i = 0; i < body.length; i++) {
    if (body.charCodeAt(i) > 0xff) {
      throw new SwitchhookError('invalid-body', 'a body has a character a byte; encodeUtf8 makes them of text');
    }
  }
  return body;
}

export function printToken(text: string, what: string): string {
  if (!isAll(text, TOKEN)) throw refused(what, text);
  return text;
}

/** Passes a tag. Others make them of a little more than tokens, and a response says theirs back. */
export function printTag(text: string): string {
  if (!isAll(text, PARAMETER_VALUE)) throw refused('a tag', text);
  return text;
}

/** Passes a Request-URI that is one word of its line; whether it is a URI, the message tells when it is read. */
export function printRequestUri(text: string): string {
  if (!/^[!#-;=?-~]+$/.test(text))
    throw new SwitchhookError('invalid-uri', `not a Request-URI: ${JSON.stringify(text)}`);
  return text;
}

/** Prints an integer from 0 up. */
export function printInteger(value: number, what: string, maximum: number = Number.MAX_SAFE_INTEGER): string {
  if (!Number.isInteger(value) || value < 0 || value > maximum) throw refused(what, String(value));
  return String(value);
}

/** Prints a qvalue, which has three decimals at most (RFC 3261 25.1). */
export function printQuality(value: number): string {
  if (!(value >= 0 && value <= 1)) throw refused('a q value', String(value));
  return String(Math.round(value * 1_000) / 1_000);
}

/** `word [ "@" word ]` (RFC 3261 25.1). */
export function printCallId(text: string): string {
  const [word = '', host, ...more] = text.split('@');
  if (!isAll(word, WORD) || (host !== undefined && !isAll(host, WORD)) || more.length > 0) {
    throw refused('a call identifier', text);
  }
  return text;
}
