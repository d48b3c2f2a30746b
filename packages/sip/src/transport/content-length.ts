import { SyntaxFault } from '../message/fault.ts';

const fullName = 'content-length';
const hyphen = fullName.indexOf('-');

/**
 * The Content-Length of a message head that ends with its empty line. On a stream it must be there, and say one thing
 * (RFC 3261 18.3, 20.14): without it nobody knows where the next message begins.
 */
export function contentLength(head: string): number | SyntaxFault {
  let found = -1;
  for (let line = head.indexOf('\r\n') + 2; line > 1 && line < head.length; line = head.indexOf('\r\n', line) + 2) {
    const colon = fieldColon(head, line);
    if (colon < 0) continue;
    const value = digitsAfter(head, colon + 1);
    if (value < 0) return new SyntaxFault('Bad Content-Length', line);
    if (found >= 0 && found !== value) return new SyntaxFault('Contradicting Content-Length', line);
    found = value;
  }
  return found < 0 ? new SyntaxFault('Missing Content-Length', head.length) : found;
}

/** The position of the colon when the line at `start` is a Content-Length field, in full or compact form, else -1. */
function fieldColon(head: string, start: number): number {
  const first = head.charCodeAt(start) | 0x20;
  let position = start + 1;
  if (first === 0x63 /* c */) {
    // Of the fields that begin so, only some have a hyphen there.
    if (head.charCodeAt(start + hyphen) !== 0x2d) return -1;
    const end = start + fullName.length;
    if (head.slice(start, end).toLowerCase() !== fullName) return -1;
    position = end;
  } else if (first !== 0x6c /* l */) {
    return -1;
  }
  while (isBlank(head.charCodeAt(position))) position += 1;
  return head.charCodeAt(position) === 0x3a /* : */ ? position : -1;
}

/** The number between `start` and the end of the field, folding included (RFC 3261 7.3.1); -1 when it is none. */
function digitsAfter(head: string, start: number): number {
  let position = skipWhitespace(head, start);
  const digits = position;
  let value = 0;
  for (let code = head.charCodeAt(position); code >= 0x30 && code <= 0x39; code = head.charCodeAt(position)) {
    value = Math.min(value * 10 + code - 0x30, Number.MAX_SAFE_INTEGER / 16);
    position += 1;
  }
  if (position === digits) return -1;
  position = skipWhitespace(head, position);
  return head.startsWith('\r\n', position) ? value : -1;
}

/** Skips blanks, and line ends that a blank follows. */
function skipWhitespace(head: string, start: number): number {
  let position = start;
  for (;;) {
    if (isBlank(head.charCodeAt(position))) position += 1;
    else if (head.startsWith('\r\n', position) && isBlank(head.charCodeAt(position + 2))) position += 3;
    else return position;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
