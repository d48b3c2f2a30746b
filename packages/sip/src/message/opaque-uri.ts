import { isIn, lowerCase, TOKEN, URI } from './characters.ts';
import { skipEscaped } from './escape.ts';
import { SyntaxFault } from './fault.ts';

/** A URI of a scheme that this library does not look into (RFC 3261 25.1 `absoluteURI`). */
export class OpaqueUri {
  /** Lower case. Never `sip`, `sips` or `tel` when it came from `parseUri`. */
  readonly scheme: string;
  readonly #text: string;

  private constructor(scheme: string, text: string) {
    this.scheme = scheme;
    this.#text = text;
  }

  static parse(text: string): OpaqueUri | SyntaxFault {
    const colon = text.indexOf(':');
    if (!isScheme(text, colon)) return new SyntaxFault('no URI scheme');
    const end = skipEscaped(text, colon + 1, text.length, URI);
    if (end === colon + 1) return new SyntaxFault('nothing after the URI scheme', end);
    if (end < text.length) return new SyntaxFault('character not allowed in URI', end);
    return new OpaqueUri(lowerCase(text.slice(0, colon)), text);
  }

  equals(other: unknown): boolean {
    return other instanceof OpaqueUri && other.#text === this.#text;
  }

  toString(): string {
    return this.#text;
  }
}

function isScheme(text: string, end: number): boolean {
  if (end <= 0) return false;
  const first = text.charCodeAt(0) | 0x20;
  if (first < 0x61 || first > 0x7a) return false;
  for (let i = 1; i < end; i++) {
    const code = text.charCodeAt(i);
    const isLetterOrDigit =
      isIn(code, TOKEN) && ((code | 0x20) >= 0x61 ? (code | 0x20) <= 0x7a : code >= 0x30 && code <= 0x39);
    if (!isLetterOrDigit && code !== 0x2b && code !== 0x2d && code !== 0x2e) return false;
  }
  return true;
}
