import { SwitchhookError } from '../error.ts';
import { HEX, isIn, RESERVED, UNRESERVED } from './characters.ts';

function hexDigit(code: number): number {
  if (code <= 0x39) return code - 0x30;
  return (code | 0x20) - 0x57;
}

/** Whether a percent sign at `position` is followed by two hexadecimal digits. */
function isEscape(text: string, position: number, end: number): boolean {
  return position + 2 < end && isIn(text.charCodeAt(position + 1), HEX) && isIn(text.charCodeAt(position + 2), HEX);
}

/** Skips characters of the given classes and percent escapes (RFC 3261 25.1 `escaped`). */
export function skipEscaped(text: string, position: number, end: number, bits: number): number {
  let i = position;
  while (i < end) {
    const code = text.charCodeAt(i);
    if (code === 0x25) {
      if (!isEscape(text, i, end)) return i;
      i += 3;
    } else if (isIn(code, bits)) i++;
    else return i;
  }
  return i;
}

function escapedCode(text: string, position: number): number {
  return hexDigit(text.charCodeAt(position + 1)) * 16 + hexDigit(text.charCodeAt(position + 2));
}

/** Percent escapes to the characters that they stand for, a character a byte. */
export function unescape(text: string): string {
  let position = text.indexOf('%');
  if (position < 0) return text;
  let result = '';
  let copied = 0;
  while (position >= 0) {
    if (isEscape(text, position, text.length)) {
      result += text.slice(copied, position) + String.fromCharCode(escapedCode(text, position));
      copied = position + 3;
      position = text.indexOf('%', copied);
    } else position = text.indexOf('%', position + 1);
  }
  return result + text.slice(copied);
}

function escapeCode(code: number): string {
  return (code < 16 ? '%0' : '%') + code.toString(16).toUpperCase();
}

/** Escapes every character outside the given classes. Throws for one that is no byte: `encodeUtf8` makes bytes of it. */
export function escape(text: string, bits: number): string {
  let result = '';
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isIn(code, bits)) continue;
    if (code > 0xff) throw new SwitchhookError('invalid-uri', 'a URI is made of bytes; encodeUtf8 makes them of text');
    result += text.slice(copied, i) + escapeCode(code);
    copied = i + 1;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/**
 * The form in which two escaped texts compare (RFC 3261 19.1.4): escapes of characters that need none are undone,
 * the others are spelt in capitals. A reserved character and its escape stay different.
 */
export function normalizeEscapes(text: string): string {
  let position = text.indexOf('%');
  if (position < 0) return text;
  let result = '';
  let copied = 0;
  while (position >= 0) {
    if (!isEscape(text, position, text.length)) {
      position = text.indexOf('%', position + 1);
      continue;
    }
    const code = escapedCode(text, position);
    const plain = isIn(code, UNRESERVED) && !isIn(code, RESERVED);
    result += text.slice(copied, position) + (plain ? String.fromCharCode(code) : escapeCode(code));
    copied = position + 3;
    position = text.indexOf('%', copied);
  }
  return result + text.slice(copied);
}
