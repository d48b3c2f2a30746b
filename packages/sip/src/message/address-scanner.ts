import { isIn, skip, skipQuoted, SPACE, TOKEN, trimEnd, URI } from './characters.ts';

/**
 * Finds the parts of a `name-addr` or `addr-spec` in place, without making strings (RFC 3261 20.10, 25.1). The URI
 * itself is not looked into.
 */
export class AddressScanner {
  /** The display name, with its quotes; equal positions when there is none. */
  nameStart = 0;
  nameEnd = 0;
  uriStart = 0;
  uriEnd = 0;
  /** After the address: where its parameters start. */
  position = 0;
  fault = '';

  scan(text: string, start: number, end: number): boolean {
    this.fault = '';
    let i = skip(text, start, end, SPACE);
    this.nameStart = i;
    this.nameEnd = i;
    if (i >= end) return this.#fail('no address', i);
    if (text.charCodeAt(i) === 0x22) {
      i = skipQuoted(text, i, end);
      if (i < 0) return this.#fail('unbalanced quotes', this.nameStart);
      this.nameEnd = i;
      i = skip(text, i, end, SPACE);
      if (i >= end || text.charCodeAt(i) !== 0x3c) return this.#fail('no < after the display name', i);
      return this.#bracketed(text, i, end);
    }
    i = skipDisplayName(text, i, end);
    if (i < end && text.charCodeAt(i) === 0x3c) {
      this.nameEnd = trimEnd(text, this.nameStart, i);
      return this.#bracketed(text, i, end);
    }
    return this.#bare(text, this.nameStart, end);
  }

  #bracketed(text: string, open: number, end: number): boolean {
    const close = text.indexOf('>', open);
    if (close < 0 || close >= end) return this.#fail('no > after the URI', open);
    this.uriStart = open + 1;
    this.uriEnd = close;
    if (this.uriStart === close) return this.#fail('no URI between < and >', close);
    this.position = close + 1;
    return true;
  }

  /** Without angle brackets, parameters belong to the header field, and a comma or question mark ends the URI. */
  #bare(text: string, start: number, end: number): boolean {
    let i = start;
    while (i < end) {
      const code = text.charCodeAt(i);
      if (code === 0x3b || code === 0x2c || !isIn(code, URI)) break;
      if (code === 0x3f) return this.#fail('question mark in a URI without angle brackets', i);
      i++;
    }
    if (i === start) return this.#fail('no address', i);
    this.uriStart = start;
    this.uriEnd = i;
    this.position = i;
    return true;
  }

  #fail(reason: string, position: number): false {
    this.fault = reason;
    this.position = position;
    return false;
  }
}

/** Tokens and white space; bytes above ASCII, which belong in quotes, are let through because phones send them. */
function skipDisplayName(text: string, position: number, end: number): number {
  let i = position;
  while (i < end) {
    const code = text.charCodeAt(i);
    if (code < 0x80 && !isIn(code, TOKEN | SPACE)) break;
    i++;
  }
  return i;
}
