import { isIn, SPACE, TOKEN } from './characters.ts';
import { Essentials } from './essentials.ts';
import { SyntaxFault } from './fault.ts';
import type { MessageLimitName } from './fault.ts';
import { unfold } from './folding.ts';
import { compactKey, headerKey, isNamed, nextNameKey } from './header-name.ts';

/** What a message may measure. Whatever passes a limit is malformed. */
export interface MessageLimits {
  /** Characters of the whole message; more is answered with 513. */
  readonly maximumSize: number;
  /** Characters of one header field with its name and folded lines. */
  readonly maximumHeaderLine: number;
  readonly maximumHeaderFields: number;
}

export const defaultLimits: MessageLimits = {
  maximumSize: 65_536,
  maximumHeaderLine: 8_192,
  maximumHeaderFields: 200,
};

/** For messages that this side made. */
export const noLimits: MessageLimits = {
  maximumSize: Infinity,
  maximumHeaderLine: Infinity,
  maximumHeaderFields: Infinity,
};

/** Numbers that a header field takes in {@link HeaderIndex}: its key, its line's start, its value's start and end. */
const width = 4;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SP = 0x20;
const TAB = 0x09;

const isTokenCode = Uint8Array.from({ length: 256 }, (_, code) => (isIn(code, TOKEN) ? 1 : 0));
const isSpaceCode = Uint8Array.from({ length: 256 }, (_, code) => (isIn(code, SPACE) ? 1 : 0));

/** Where an index grows before it gets its size. Filling it calls nobody back, so one does for all. */
const scratch: number[] = [];

/** Where the header fields of a message are: positions in its text, four a field. */
export class HeaderIndex {
  readonly #text: string;
  readonly #numbers: readonly number[];
  readonly essentials = new Essentials();
  readonly start: number;
  /** Where the header section ends: its empty line, or the line with the fault. */
  end: number;
  bodyStart: number;
  fault: SyntaxFault | undefined = undefined;

  constructor(text: string, start: number, limits: MessageLimits, wantsVia = true) {
    this.#text = text;
    this.start = start;
    this.end = start;
    this.bodyStart = text.length;
    // A copy has no room to spare, which a grown array has, and messages are kept by the thousand.
    this.#numbers = scratch.slice(0, this.#scan(limits));
    this.fault ??= this.#bareNul() ?? this.essentials.finish(text.length - this.bodyStart, wantsVia);
  }

  get count(): number {
    return this.#numbers.length / width;
  }

  /** The field that comes first after `after` with that name, or -1. */
  find(name: string, key: number, after = -1): number {
    const numbers = this.#numbers;
    for (let i = (after + 1) * width; i < numbers.length; i += width) {
      if (numbers[i] === key && isNamed(this.#text, numbers[i + 1] ?? 0, name)) return i / width;
    }
    return -1;
  }

  /** The field that comes first with that name, or -1. */
  first(name: string): number {
    return this.find(name, headerKey(name));
  }

  /** Whether the field has that name. */
  is(field: number, name: string, key: number): boolean {
    return this.#numbers[field * width] === key && isNamed(this.#text, this.lineStart(field), name);
  }

  lineStart(field: number): number {
    return this.#numbers[field * width + 1] ?? this.end;
  }

  lineEnd(field: number): number {
    return this.lineStart(field + 1);
  }

  valueStart(field: number): number {
    return this.#numbers[field * width + 2] ?? this.end;
  }

  valueEnd(field: number): number {
    return this.#numbers[field * width + 3] ?? this.end;
  }

  /** The name as it came. */
  name(field: number): string {
    const start = this.lineStart(field);
    let end = start;
    while (isIn(this.#text.charCodeAt(end), TOKEN)) end++;
    return this.#text.slice(start, end);
  }

  /** The value without the white space around it, unfolded. */
  value(field: number): string {
    return unfold(this.#text.slice(this.valueStart(field), this.valueEnd(field)));
  }

  /** Fills {@link scratch}; the answer is how much of it. */
  #scan(limits: MessageLimits): number {
    const text = this.#text;
    const essentials = this.essentials;
    const length = text.length;
    const mostNumbers = limits.maximumHeaderFields * width;
    const longestLine = limits.maximumHeaderLine;
    let position = this.start;
    let used = 0;
    while (position < length) {
      const first = text.charCodeAt(position);
      if (first === CR) {
        if (text.charCodeAt(position + 1) !== LF) return this.#failLineEnd(position, used);
        this.end = position;
        this.bodyStart = position + 2;
        return used;
      }
      let i = position;
      let key = 0;
      let code = first;
      while (isTokenCode[code] === 1) {
        key = nextNameKey(key, code);
        code = ++i < length ? text.charCodeAt(i) : 0;
      }
      if (i - position < 2) {
        if (i === position) return this.#fail('no header name', position, used);
        key = compactKey(first) || key;
      }
      while (code === SP || code === TAB) code = ++i < length ? text.charCodeAt(i) : 0;
      if (code !== COLON) return this.#fail('no colon after the header name', i, used);
      let valueStart = i + 1;
      let lineFeed = i;
      do {
        i = lineFeed + 1;
        lineFeed = text.indexOf('\n', i);
        // Only CR LF ends a line: whoever took a bare CR or LF for one would see other header fields than this side.
        if (lineFeed < 0 || text.indexOf('\r', i) !== lineFeed - 1) return this.#failLineEnd(i, used);
        code = lineFeed + 1 < length ? text.charCodeAt(lineFeed + 1) : 0;
      } while (code === SP || code === TAB);
      let valueEnd = lineFeed - 1;
      while (valueStart < valueEnd && isSpaceCode[text.charCodeAt(valueStart)] === 1) valueStart++;
      while (valueEnd > valueStart && isSpaceCode[text.charCodeAt(valueEnd - 1)] === 1) valueEnd--;
      if (lineFeed - 1 - position > longestLine)
        return this.#fail('header line too long', position, used, 'header-line');
      if (used >= mostNumbers) return this.#fail('too many header fields', position, used, 'header-fields');
      scratch[used++] = key;
      scratch[used++] = position;
      scratch[used++] = valueStart;
      scratch[used++] = valueEnd;
      essentials.take(text, key, position, valueStart, valueEnd);
      position = lineFeed + 1;
      this.end = position;
    }
    return this.#fail('the header section does not end', position, used);
  }

  /** A NUL stands in no header field but as a quoted-pair (RFC 3261 25.1), and ends the line for who counts on that. */
  #bareNul(): SyntaxFault | undefined {
    const text = this.#text;
    let found = text.indexOf('\0');
    while (found >= 0 && found < this.end) {
      if (text.charCodeAt(found - 1) !== BACKSLASH) return new SyntaxFault('a NUL', found);
      found = text.indexOf('\0', found + 1);
    }
    return undefined;
  }

  #failLineEnd(position: number, used: number): number {
    const lineFeed = this.#text.indexOf('\n', position);
    const carriageReturn = this.#text.indexOf('\r', position);
    if (carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed - 1)) {
      return this.#fail('carriage return without line feed', carriageReturn, used);
    }
    if (lineFeed < 0) return this.#fail('the header section does not end', this.#text.length, used);
    return this.#fail('line feed without carriage return', lineFeed, used);
  }

  #fail(reason: string, offset: number, used: number, limit?: MessageLimitName): number {
    this.fault = new SyntaxFault(reason, offset, 400, limit);
    return used;
  }
}
