import { isAll, lowerCase, PARAMETER_VALUE, URI_PARAMETER } from './characters.ts';
import { escape, skipEscaped, unescape } from './escape.ts';
import { SyntaxFault } from './fault.ts';
import { ParameterScanner } from './parameter-scanner.ts';
import { printToken } from './printing.ts';
import { quote, unquote } from './quoted-string.ts';

interface Entry {
  /** Lower case: parameter names do not tell capitals apart (RFC 3261 7.3.1). */
  readonly name: string;
  /** Without quotes and escapes; '' when there is none. */
  readonly value: string;
  /** As it stands in a header field; undefined for one that came from a URI. */
  readonly text: string | undefined;
}

/** A set of `name=value` pairs to make parameters from; an empty value or `true` means a name alone. */
export type ParametersInit =
  | Parameters
  | Readonly<Record<string, string | number | true | undefined>>
  | Iterable<readonly [name: string, value: string]>;

function print(name: string, value: string): string {
  printToken(name, 'a parameter name');
  return value === '' ? name : `${name}=${isAll(value, PARAMETER_VALUE) ? value : quote(value)}`;
}

function entryOf(name: string, value: string): Entry {
  return { name: lowerCase(name), value, text: print(name, value) };
}

function isIterable(init: ParametersInit): init is Iterable<readonly [string, string]> {
  return Symbol.iterator in init;
}

/** The `;name=value` parameters of a header field or a URI, in their order. Immutable. */
export class Parameters implements Iterable<readonly [name: string, value: string]> {
  static readonly EMPTY = new Parameters([]);

  readonly #entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** Reads header-field parameters, from the first semicolon on. */
  static parse(text: string, offset = 0): Parameters | SyntaxFault {
    const scanner = new ParameterScanner(text, offset, text.length);
    const entries: Entry[] = [];
    while (scanner.next()) {
      const name = text.slice(scanner.nameStart, scanner.nameEnd);
      const hasValue = scanner.valueStart >= 0;
      const raw = hasValue ? text.slice(scanner.valueStart, scanner.valueEnd) : '';
      const value = raw.startsWith('"') ? unquote(raw) : raw;
      entries.push({ name: lowerCase(name), value, text: hasValue ? `${name}=${raw}` : name });
    }
    if (scanner.fault !== '') return new SyntaxFault(scanner.fault, scanner.position);
    if (scanner.position < text.length) return new SyntaxFault('comma among parameters', scanner.position);
    return entries.length === 0 ? Parameters.EMPTY : new Parameters(entries);
  }

  /** Reads URI parameters, from the first semicolon on: escapes instead of quotes, no white space (RFC 3261 25.1). */
  static parseUri(text: string): Parameters | SyntaxFault {
    if (text === '') return Parameters.EMPTY;
    const entries: Entry[] = [];
    let position = 0;
    while (position < text.length) {
      if (text.charCodeAt(position) !== 0x3b)
        return new SyntaxFault('character not allowed in URI parameters', position);
      const nameEnd = skipEscaped(text, position + 1, text.length, URI_PARAMETER);
      if (nameEnd === position + 1) return new SyntaxFault('no parameter name', nameEnd);
      const name = lowerCase(unescape(text.slice(position + 1, nameEnd)));
      position = nameEnd;
      let value = '';
      if (text.charCodeAt(nameEnd) === 0x3d) {
        position = skipEscaped(text, nameEnd + 1, text.length, URI_PARAMETER);
        if (position === nameEnd + 1) return new SyntaxFault('no parameter value', position);
        value = unescape(text.slice(nameEnd + 1, position));
      }
      entries.push({ name, value, text: undefined });
    }
    return new Parameters(entries);
  }

  static of(init: ParametersInit): Parameters {
    if (init instanceof Parameters) return init;
    const entries: Entry[] = [];
    if (isIterable(init)) {
      for (const [name, value] of init) entries.push(entryOf(name, value));
    } else {
      for (const [name, value] of Object.entries(init)) {
        if (value !== undefined) entries.push(entryOf(name, value === true ? '' : String(value)));
      }
    }
    return entries.length === 0 ? Parameters.EMPTY : new Parameters(entries);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The value without quotes, '' for a name alone, undefined when the parameter is absent. */
  get(name: string): string | undefined {
    const wanted = lowerCase(name);
    for (const entry of this.#entries) if (entry.name === wanted) return entry.value;
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** A copy in which the parameter has this value, in its old place if it had one. */
  with(name: string, value: string | number = ''): Parameters {
    const entry = entryOf(name, String(value));
    const entries = this.#entries.filter((each) => each.name !== entry.name);
    const index = this.#entries.findIndex((each) => each.name === entry.name);
    entries.splice(index < 0 ? entries.length : index, 0, entry);
    return new Parameters(entries);
  }

  without(name: string): Parameters {
    const wanted = lowerCase(name);
    return this.has(wanted) ? new Parameters(this.#entries.filter((entry) => entry.name !== wanted)) : this;
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (const entry of this.#entries) yield [entry.name, entry.value];
  }

  /** As header-field parameters. */
  toString(): string {
    let text = '';
    for (const entry of this.#entries) text += `;${entry.text ?? print(entry.name, entry.value)}`;
    return text;
  }

  /** As URI parameters: escaped, nothing quoted. */
  toUriString(): string {
    let text = '';
    for (const { name, value } of this.#entries) {
      text += `;${escape(name, URI_PARAMETER)}${value === '' ? '' : `=${escape(value, URI_PARAMETER)}`}`;
    }
    return text;
  }
}
