import { PARAMETER_VALUE, skip, skipQuoted, SPACE, TOKEN, trimEnd } from './characters.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/**
 * Walks the `;name=value` parameters of a header field in place, without making strings (RFC 3261 25.1
 * `generic-param`). White space may stand around every separator.
 */
export class ParameterScanner {
  readonly #text: string;
  readonly #end: number;
  /** After the last parameter that was read; at the comma that ended the element; or where the fault is. */
  position: number;
  nameStart = 0;
  nameEnd = 0;
  /** Both -1 for a parameter without a value. A quoted value includes its quotes. */
  valueStart = -1;
  valueEnd = -1;
  fault = '';

  constructor(text: string, position: number, end: number) {
    this.#text = text;
    this.#end = end;
    this.position = position;
  }

  /** Moves to the next parameter. False at the end, at a comma, or at a fault. */
  next(): boolean {
    const text = this.#text;
    const end = this.#end;
    let i = this.position;
    if (i < end && text.charCodeAt(i) !== SEMICOLON) i = skip(text, i, end, SPACE);
    this.position = i;
    if (i >= end) return false;
    const separator = text.charCodeAt(i);
    if (separator === COMMA) return false;
    if (separator !== SEMICOLON) return this.#fail('no separator between parameters', i);
    i = skip(text, i + 1, end, SPACE);
    this.nameStart = i;
    i = skip(text, i, end, TOKEN);
    this.nameEnd = i;
    if (i === this.nameStart) return this.#fail('no parameter name', i);
    this.valueStart = -1;
    this.valueEnd = -1;
    this.position = i;
    if (i >= end) return true;
    if (text.charCodeAt(i) !== EQUALS) {
      i = skip(text, i, end, SPACE);
      if (i >= end || text.charCodeAt(i) !== EQUALS) return true;
    }
    i = skip(text, i + 1, end, SPACE);
    this.valueStart = i;
    if (i < end && text.charCodeAt(i) === QUOTE) {
      this.valueEnd = skipQuoted(text, i, end);
      if (this.valueEnd < 0) return this.#fail('unbalanced quotes', i);
    } else {
      this.valueEnd = skip(text, i, end, PARAMETER_VALUE);
      if (this.valueEnd === i) return this.#fail('no parameter value', i);
    }
    this.position = this.valueEnd;
    return true;
  }

  #fail(reason: string, position: number): false {
    this.fault = reason;
    this.position = position;
    return false;
  }
}

/**
 * The end of the comma-list element that starts at `position`: at the comma, or at `end`. Commas in quotes and in
 * angle brackets belong to the element.
 */
export function elementEnd(text: string, position: number, end: number): number {
  for (let i = position; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2c) return i;
    if (code === 0x22) {
      const after = skipQuoted(text, i, end);
      if (after < 0) return end;
      i = after - 1;
    } else if (code === 0x3c) {
      const close = text.indexOf('>', i);
      if (close < 0 || close >= end) return end;
      i = close;
    }
  }
  return end;
}

/** The first element of a comma list, without the white space around it; undefined when the text is empty. */
export function firstElement(text: string): string | undefined {
  if (text === '') return undefined;
  const stop = elementEnd(text, 0, text.length);
  const start = skip(text, 0, stop, SPACE);
  return text.slice(start, trimEnd(text, start, stop));
}

/**
 * The elements of a comma list, without the white space around them. An empty text has none: `Supported:` is legal
 * (RFC 3261 20.37). Empty elements between commas are kept: they are faults.
 */
export function splitList(text: string): string[] {
  if (text === '') return [];
  const elements: string[] = [];
  const end = text.length;
  let position = 0;
  for (;;) {
    const stop = elementEnd(text, position, end);
    const start = skip(text, position, stop, SPACE);
    elements.push(text.slice(start, trimEnd(text, start, stop)));
    if (stop >= end) return elements;
    position = stop + 1;
  }
}
