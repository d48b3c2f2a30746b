import { isAll, isIn, lowerCase, skip, SPACE, TOKEN, trimEnd } from '../characters.ts';
import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { headerLine } from '../message-text.ts';
import { splitList } from '../parameter-scanner.ts';

/** One header field of a body that has such: a part of multipart, or a fragment of a message. */
export interface HeaderField {
  readonly name: string;
  /** Unfolded, without the white space around it. */
  readonly value: string;
}

/** The header fields of a body part or a message fragment: few, and read once. */
export class HeaderFields implements Iterable<HeaderField> {
  readonly #fields: readonly HeaderField[];

  constructor(fields: readonly HeaderField[]) {
    this.#fields = fields;
  }

  /** The first value of that kind, undefined when there is none. */
  get<T>(type: HeaderType<T>): T | undefined | SyntaxFault {
    const first = this.#values(type)[0];
    return first === undefined ? undefined : type.parse(first);
  }

  /** All values of that kind, lists split at their commas. */
  all<T>(type: HeaderType<T>): T[] | SyntaxFault {
    const values: T[] = [];
    for (const text of this.#values(type)) {
      const value = type.parse(text);
      if (value instanceof SyntaxFault) return value;
      values.push(value);
    }
    return values;
  }

  #values(type: HeaderType<unknown>): string[] {
    const names = [lowerCase(type.name), type.compact];
    const fields = this.#fields.filter((field) => names.includes(lowerCase(field.name)));
    return fields.flatMap((field) => (type.list ? splitList(field.value) : [field.value]));
  }

  [Symbol.iterator](): Iterator<HeaderField> {
    return this.#fields[Symbol.iterator]();
  }

  /** Each field on a line of its own, with its line end. Throws for a field that would be more than one. */
  toString(): string {
    return this.#fields.map(({ name, value }) => headerLine(name, value)).join('');
  }
}

/** Header fields, and where the body starts behind the empty line; undefined when there is none. */
export interface HeaderBlock {
  readonly headerFields: HeaderFields;
  readonly bodyStart: number | undefined;
}

/** Reads header fields from `start` to the empty line or to the end of the text (RFC 3261 7.3). */
export function parseHeaderBlock(text: string, start: number): HeaderBlock | SyntaxFault {
  const lines: { readonly name: string; readonly pieces: string[] }[] = [];
  let position = start;
  while (position < text.length) {
    const line = lineAt(text, position);
    if (line.end === position) return { headerFields: unfold(lines), bodyStart: line.next };
    if (isIn(text.charCodeAt(position), SPACE)) {
      const last = lines.at(-1);
      if (last === undefined) return new SyntaxFault('a folded line without a line before it', position);
      last.pieces.push(trimmed(text, position, line.end));
    } else {
      const colon = text.indexOf(':', position);
      const name = trimmed(text, position, Math.max(colon, position));
      if (colon >= line.end || !isAll(name, TOKEN)) return new SyntaxFault('no header field name', position);
      lines.push({ name, pieces: [trimmed(text, colon + 1, line.end)] });
    }
    const broken = brokenAt(text, position, line.end);
    if (broken >= 0) return new SyntaxFault('a control character that no header field can hold', broken);
    position = line.next;
  }
  return { headerFields: unfold(lines), bodyStart: undefined };
}

/** Where the line that starts at `position` ends, and where the next one starts. Phones also end lines with LF alone. */
export function lineAt(text: string, position: number): { end: number; next: number } {
  const lineFeed = text.indexOf('\n', position);
  if (lineFeed < 0) return { end: text.length, next: text.length };
  const hasReturn = lineFeed > position && text[lineFeed - 1] === '\r';
  return { end: hasReturn ? lineFeed - 1 : lineFeed, next: lineFeed + 1 };
}

/** Where a line has a carriage return within, or a NUL outside of a quoted-pair; -1 where it has none. */
export function brokenAt(text: string, start: number, end: number): number {
  const found = text.slice(start, end).search(/\r|(?<!\\)\0/);
  return found < 0 ? -1 : start + found;
}

function trimmed(text: string, start: number, end: number): string {
  const first = skip(text, start, end, SPACE);
  return text.slice(first, trimEnd(text, first, end));
}

function unfold(lines: readonly { readonly name: string; readonly pieces: readonly string[] }[]): HeaderFields {
  return new HeaderFields(
    lines.map(({ name, pieces }) => ({ name, value: pieces.filter((piece) => piece !== '').join(' ') })),
  );
}
