import { AddressScanner } from './address-scanner.ts';
import { SwitchhookError } from '../error.ts';
import { SyntaxFault } from './fault.ts';
import { Parameters } from './parameters.ts';
import type { ParametersInit } from './parameters.ts';
import { quote, unquote } from './quoted-string.ts';
import { parseUri } from './uri.ts';
import type { Uri } from './uri.ts';

/** What {@link NameAddr.of} takes. */
export interface NameAddrParts {
  readonly displayName?: string | undefined;
  readonly uri: Uri | string;
  readonly parameters?: ParametersInit | undefined;
}

/** A URI with a display name and header parameters: From, To, Contact, Route and their like (RFC 3261 20.10). */
export class NameAddr {
  /** Without quotes. */
  readonly displayName: string | undefined;
  readonly uri: Uri;
  readonly parameters: Parameters;
  readonly #text: string;

  private constructor(text: string, displayName: string | undefined, uri: Uri, parameters: Parameters) {
    this.displayName = displayName;
    this.uri = uri;
    this.parameters = parameters;
    this.#text = text;
  }

  static parse(text: string): NameAddr | SyntaxFault {
    const scanner = new AddressScanner();
    if (!scanner.scan(text, 0, text.length)) return new SyntaxFault(scanner.fault, scanner.position);
    const uri = parseUri(text.slice(scanner.uriStart, scanner.uriEnd));
    if (uri instanceof SyntaxFault) return new SyntaxFault(uri.reason, scanner.uriStart + uri.offset);
    const parameters = Parameters.parse(text, scanner.position);
    if (parameters instanceof SyntaxFault) return parameters;
    const name = text.slice(scanner.nameStart, scanner.nameEnd);
    const displayName =
      name === '' ? undefined : name.startsWith('"') ? unquote(name) : name.replace(/[ \t\r\n]+/g, ' ');
    return new NameAddr(text, displayName, uri, parameters);
  }

  /** Makes an address from its parts; always with angle brackets. Throws when `uri` is a text that is no URI. */
  static of(parts: NameAddrParts): NameAddr {
    const uri = typeof parts.uri === 'string' ? parseUri(parts.uri) : parts.uri;
    if (uri instanceof SyntaxFault) throw new SwitchhookError('invalid-uri', uri.reason);
    const parameters = Parameters.of(parts.parameters ?? Parameters.EMPTY);
    const name = parts.displayName === undefined ? '' : `${quote(parts.displayName)} `;
    return new NameAddr(`${name}<${uri.toString()}>${parameters.toString()}`, parts.displayName, uri, parameters);
  }

  /** A copy with some parts changed. */
  with(changes: Partial<NameAddrParts>): NameAddr {
    const { displayName, uri, parameters } = this;
    return NameAddr.of({ displayName, uri, parameters, ...changes });
  }

  get tag(): string | undefined {
    return this.parameters.get('tag');
  }

  /** As it came, or for one made from parts in canonical spelling. */
  toString(): string {
    return this.#text;
  }
}
