import { isIn, skip, SPACE, TOKEN, trimEnd } from './characters.ts';
import { Essentials } from './essentials.ts';
import { SyntaxFault } from './fault.ts';
import type { MessageLimitName } from './fault.ts';
import { unfold } from './folding.ts';
import { compactKey, headerKey, isNamed, keyOf } from './header-name.ts';
import { ViaValue } from './headers/via.ts';

/** What a message may measure. Whatever passes a limit is malformed. */
export interface MessageLimits {
  /** Characters of the whole message; more is answered with 513. */
  readonly maximumSize: number;
  /** Characters of one header field with its name and folded lines. */
  readonly maximumHeaderLine: number;
  readonly maximumHeaderFields: number;
}

/** How large a message may be where nothing else is said: 64 KiB, lines of 8 KiB, 200 header fields. */
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

/** Numbers that a header field takes in {@link HeaderIndex}: its name's key, and where its line starts. */
const width = 2;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SP = 0x20;
const TAB = 0x09;

/** Where an index grows before it gets its size. Filling it calls nobody back, so one does for all. */
const scratch: number[] = [];

/** Where the header fields of a message are in its text. */
export class HeaderIndex {
  readonly essentials: Essentials;
  /** Where the header section ends: its empty line, or the line with the fault. */
  end: number;
  bodyStart: number;
  fault: SyntaxFault | undefined;
  readonly #text: string;
  #numbers: readonly number[];
  readonly #isUsual: boolean;

  private constructor(text: string, essentials: Essentials, numbers: readonly number[], end: number, isUsual: boolean) {
    this.essentials = essentials;
    this.end = end;
    this.bodyStart = isUsual ? end + 2 : text.length;
    this.fault = undefined;
    this.#text = text;
    this.#numbers = numbers;
    this.#isUsual = isUsual;
  }

  /** Of a message that is written as nearly all are; undefined says that this one is not, or has a fault. */
  static ofUsual(text: string, limits: MessageLimits, wantsVia: boolean): HeaderIndex | undefined {
    const essentials = new Essentials();
    const used = essentials.takeUsual(text, limits, wantsVia, scratch);
    if (used < 0) return undefined;
    // A copy has no room to spare, which a grown array has, and messages are kept by the thousand.
    const numbers = scratch.slice(0, used - 1);
    return new HeaderIndex(text, essentials, numbers, scratch[used - 1] ?? 0, true);
  }

  /** Of any message. Its header section starts at `start`. */
  static scan(text: string, start: number, limits: MessageLimits, wantsVia: boolean): HeaderIndex {
    const essentials = new Essentials();
    const index = new HeaderIndex(text, essentials, [], start, false);
    index.#numbers = scratch.slice(0, index.#scan(limits));
    index.fault ??= index.#bareNul() ?? essentials.finish(text.length - index.bodyStart, wantsVia);
    return index;
  }

  get start(): number {
    return this.lineStart(0);
  }

  /** The first Via between these positions, which are in a Via field. */
  viaAt(start: number, end: number): ViaValue | SyntaxFault {
    return this.#isUsual ? ViaValue.ofUsual(this.#text, start, end) : ViaValue.scan(this.#text, start, end, false);
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

  /** Where the value starts, without the white space around it. */
  valueStart(field: number): number {
    const colon = this.#text.indexOf(':', this.lineStart(field));
    return skip(this.#text, colon + 1, this.lineEnd(field) - 2, SPACE);
  }

  valueEnd(field: number): number {
    return trimEnd(this.#text, this.valueStart(field), this.lineEnd(field) - 2);
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
    const start = this.valueStart(field);
    return unfold(this.#text.slice(start, trimEnd(this.#text, start, this.lineEnd(field) - 2)));
  }

  /** Fills {@link scratch} from any head, which it checks on the way; the answer is how much of it. */
  #scan(limits: MessageLimits): number {
    const text = this.#text;
    const length = text.length;
    let position = this.end;
    let used = 0;
    while (position < length) {
      const first = text.charCodeAt(position);
      if (first === CR) {
        if (text.charCodeAt(position + 1) !== LF) return this.#failLineEnd(position, used);
        this.bodyStart = position + 2;
        return used;
      }
      const nameEnd = skip(text, position, length, TOKEN);
      if (nameEnd === position) return this.#fail('no header name', position, used);
      const key = (nameEnd - position === 1 ? compactKey(first) : 0) || keyOf(text, position, nameEnd);
      const colon = skipBlanks(text, nameEnd);
      if (text.charCodeAt(colon) !== COLON) return this.#fail('no colon after the header name', colon, used);
      let lineFeed = colon;
      do {
        const from = lineFeed + 1;
        lineFeed = text.indexOf('\n', from);
        // Only CR LF ends a line: whoever took a bare CR or LF for one would see other header fields than this side.
        if (lineFeed < 0 || text.indexOf('\r', from) !== lineFeed - 1) return this.#failLineEnd(from, used);
      } while (isBlank(text.charCodeAt(lineFeed + 1)));
      const lineEnd = lineFeed - 1;
      if (this.#isOverLimit(limits, position, lineEnd, used)) return used;
      scratch[used++] = key;
      scratch[used++] = position;
      const valueStart = skip(text, colon + 1, lineEnd, SPACE);
      this.essentials.take(text, key, position, valueStart, trimEnd(text, valueStart, lineEnd));
      position = lineFeed + 1;
      this.end = position;
    }
    return this.#fail('the header section does not end', position, used);
  }

  #isOverLimit(limits: MessageLimits, lineStart: number, lineEnd: number, used: number): boolean {
    if (lineEnd - lineStart > limits.maximumHeaderLine) {
      this.#fail('header line too long', lineStart, used, 'header-line');
    } else if (used >= limits.maximumHeaderFields * width) {
      this.#fail('too many header fields', lineStart, used, 'header-fields');
    }
    return this.fault !== undefined;
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

function isBlank(code: number): boolean {
  return code === SP || code === TAB;
}

function skipBlanks(text: string, position: number): number {
  let i = position;
  while (isBlank(text.charCodeAt(i))) i++;
  return i;
}
