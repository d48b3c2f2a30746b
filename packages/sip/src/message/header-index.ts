import { isIn, SPACE, TOKEN, trimEnd } from './characters.ts';
import { SyntaxFault } from './fault.ts';
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

const isTokenCode = Uint8Array.from({ length: 256 }, (_, code) => (isIn(code, TOKEN) ? 1 : 0));

/** Where the header fields of a message are: positions in its text, four a field. */
export class HeaderIndex {
  readonly #text: string;
  /** Ends with the position where the next header line would start. */
  readonly #numbers: number[] = [];
  readonly start: number;
  /** Where the header section ends: its empty line, or the line with the fault. */
  end: number;
  bodyStart: number;
  fault: SyntaxFault | undefined = undefined;

  constructor(text: string, start: number, limits: MessageLimits) {
    this.#text = text;
    this.start = start;
    this.end = start;
    this.bodyStart = text.length;
    this.#build(limits);
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

  #build(limits: MessageLimits): void {
    const text = this.#text;
    const length = text.length;
    const numbers = this.#numbers;
    let position = this.start;
    for (;;) {
      if (position >= length) return this.#fail('the header section does not end', position);
      const first = text.charCodeAt(position);
      if (first === CR) {
        if (text.charCodeAt(position + 1) !== LF) return this.#fail('carriage return without line feed', position);
        this.end = position;
        this.bodyStart = position + 2;
        return;
      }
      let i = position;
      let key = 0;
      let code = first;
      while (code < 256 && isTokenCode[code] === 1) {
        key = nextNameKey(key, code);
        i++;
        code = i < length ? text.charCodeAt(i) : 0;
      }
      if (i - position === 1) key = compactKey(first) || key;
      if (i === position) return this.#fail('no header name', position);
      while (code === 0x20 || code === 0x09) code = ++i < length ? text.charCodeAt(i) : 0;
      if (code !== COLON) return this.#fail('no colon after the header name', i);
      const colon = i;
      let lineEnd = this.#lineEnd(colon + 1);
      if (lineEnd < 0) return;
      while (lineEnd < length && (text.charCodeAt(lineEnd) === 0x20 || text.charCodeAt(lineEnd) === 0x09)) {
        lineEnd = this.#lineEnd(lineEnd);
        if (lineEnd < 0) return;
      }
      if (lineEnd - position > limits.maximumHeaderLine) return this.#fail('header line too long', position);
      if (numbers.length >= limits.maximumHeaderFields * width) return this.#fail('too many header fields', position);
      let valueStart = colon + 1;
      while (valueStart < lineEnd && isIn(text.charCodeAt(valueStart), SPACE)) valueStart++;
      numbers.push(key, position, valueStart, trimEnd(text, valueStart, lineEnd));
      position = lineEnd;
      this.end = position;
    }
  }

  /**
   * The position after the line end that comes next, or -1 at a fault. Only CR LF ends a line: whoever took a bare CR
   * or LF for one would see other header fields than this side (RFC 3261 25.1).
   */
  #lineEnd(position: number): number {
    const text = this.#text;
    const lineFeed = text.indexOf('\n', position);
    if (lineFeed < 0) {
      this.#fail('the header section does not end', text.length);
      return -1;
    }
    const carriageReturn = text.indexOf('\r', position);
    if (carriageReturn === lineFeed - 1) return lineFeed + 1;
    const bare = carriageReturn < 0 || carriageReturn > lineFeed;
    if (bare) this.#fail('line feed without carriage return', lineFeed);
    else this.#fail('carriage return without line feed', carriageReturn);
    return -1;
  }

  #fail(reason: string, offset: number): void {
    this.fault = new SyntaxFault(reason, offset);
  }
}

/** Folded lines as one: each line end with the white space around it becomes one space (RFC 3261 7.3.1). */
export function unfold(value: string): string {
  if (!value.includes('\r')) return value;
  let result = '';
  let position = 0;
  for (;;) {
    const carriageReturn = value.indexOf('\r', position);
    if (carriageReturn < 0) return result + value.slice(position);
    const piece = value.slice(position, trimEnd(value, position, carriageReturn));
    position = carriageReturn;
    while (position < value.length && isIn(value.charCodeAt(position), SPACE)) position++;
    result += `${piece} `;
  }
}
