import { lowerCase, URI_HEADER } from './characters.ts';
import { escape, skipEscaped, unescape } from './escape.ts';
import { SyntaxFault } from './fault.ts';

/** The header fields that a SIP URI asks to be put into a request made from it (RFC 3261 19.1.1), unescaped. */
export class UriHeaders implements Iterable<readonly [name: string, value: string]> {
  static readonly EMPTY = new UriHeaders([]);

  readonly #entries: readonly (readonly [name: string, value: string])[];

  private constructor(entries: readonly (readonly [name: string, value: string])[]) {
    this.#entries = entries;
  }

  /** Reads `name=value&name=value`, without the question mark. */
  static parse(text: string): UriHeaders | SyntaxFault {
    const entries: (readonly [string, string])[] = [];
    let position = 0;
    for (;;) {
      const nameEnd = skipEscaped(text, position, text.length, URI_HEADER);
      if (nameEnd === position) return new SyntaxFault('no header name in URI', position);
      if (text.charCodeAt(nameEnd) !== 0x3d) return new SyntaxFault('no value of a header in URI', nameEnd);
      const valueEnd = skipEscaped(text, nameEnd + 1, text.length, URI_HEADER);
      entries.push([unescape(text.slice(position, nameEnd)), unescape(text.slice(nameEnd + 1, valueEnd))]);
      if (valueEnd === text.length) return new UriHeaders(entries);
      if (text.charCodeAt(valueEnd) !== 0x26) return new SyntaxFault('character not allowed in URI headers', valueEnd);
      position = valueEnd + 1;
    }
  }

  static of(entries: Iterable<readonly [name: string, value: string]>): UriHeaders {
    const list = [...entries];
    return list.length === 0 ? UriHeaders.EMPTY : new UriHeaders(list);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The value of the first header field of that name. */
  get(name: string): string | undefined {
    const wanted = lowerCase(name);
    return this.#entries.find((entry) => lowerCase(entry[0]) === wanted)?.[1];
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#entries.values();
  }

  /** With the question mark, escaped; '' when there are none. */
  toString(): string {
    let text = '';
    for (const [name, value] of this.#entries) {
      text += `${text === '' ? '?' : '&'}${escape(name, URI_HEADER)}=${escape(value, URI_HEADER)}`;
    }
    return text;
  }
}
