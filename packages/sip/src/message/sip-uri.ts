import { SwitchhookError } from '../error.ts';
import { lowerCase, PASSWORD, scanNumber, skip, DIGIT, USER } from './characters.ts';
import { escape, normalizeEscapes, skipEscaped, unescape } from './escape.ts';
import { SyntaxFault } from './fault.ts';
import { canonicalHost, hostEnd, hostText, isHost, isIpv4, printHost } from './host.ts';
import { Parameters } from './parameters.ts';
import type { ParametersInit } from './parameters.ts';
import { UriHeaders } from './uri-headers.ts';

/** The parts that {@link SipUri.of} and {@link SipUri.with} take. `undefined` takes a part away. */
export interface SipUriParts {
  readonly scheme?: 'sip' | 'sips' | undefined;
  /** Unescaped. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly parameters?: ParametersInit | undefined;
  readonly headers?: UriHeaders | Iterable<readonly [name: string, value: string]> | undefined;
}

/** Parameters that keep two URIs apart when only one of them has them (RFC 3261 19.1.4). */
const significantParameters = ['transport', 'user', 'ttl', 'method', 'maddr'];

/** A `sip:` or `sips:` URI (RFC 3261 19.1). Immutable; prints as it came. */
export class SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Lower case; an IPv6 address is without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly #user: string | undefined;
  readonly #password: string | undefined;
  readonly #text: string;
  readonly parameters: Parameters;
  readonly headers: UriHeaders;

  private constructor(
    text: string,
    scheme: 'sip' | 'sips',
    user: string | undefined,
    password: string | undefined,
    host: string,
    port: number | undefined,
    parameters: Parameters,
    headers: UriHeaders,
  ) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.parameters = parameters;
    this.headers = headers;
    this.#user = user;
    this.#password = password;
    this.#text = text;
  }

  static parse(text: string): SipUri | SyntaxFault {
    const colon = text.indexOf(':');
    const scheme = colon === 3 || colon === 4 ? lowerCase(text.slice(0, colon)) : '';
    if (scheme !== 'sip' && scheme !== 'sips') return new SyntaxFault('not a SIP URI', 0, 416);
    const end = text.length;
    let position = colon + 1;
    let user: string | undefined;
    let password: string | undefined;
    const at = text.indexOf('@', position);
    if (at >= 0) {
      const userEnd = skipEscaped(text, position, at, USER);
      if (userEnd === position) return new SyntaxFault('no user before the @', position);
      user = text.slice(position, userEnd);
      if (userEnd < at) {
        if (text.charCodeAt(userEnd) !== 0x3a) return new SyntaxFault('character not allowed in user', userEnd);
        const passwordEnd = skipEscaped(text, userEnd + 1, at, PASSWORD);
        if (passwordEnd < at) return new SyntaxFault('character not allowed in password', passwordEnd);
        password = text.slice(userEnd + 1, at);
      }
      position = at + 1;
    }
    const hostStop = hostEnd(text, position, end);
    if (hostStop < 0) return new SyntaxFault('no valid host in URI', position);
    const host = hostText(text, position, hostStop);
    position = hostStop;
    let port: number | undefined;
    if (position < end && text.charCodeAt(position) === 0x3a) {
      const portEnd = skip(text, position + 1, end, DIGIT);
      port = scanNumber(text, position + 1, portEnd, 65_535);
      if (port < 0) return new SyntaxFault('no valid port in URI', position + 1);
      position = portEnd;
    }
    let parameters = Parameters.EMPTY;
    let headers = UriHeaders.EMPTY;
    if (position < end) {
      const question = text.indexOf('?', position);
      const parametersEnd = question < 0 ? end : question;
      const parsed = Parameters.parseUri(text.slice(position, parametersEnd));
      if (parsed instanceof SyntaxFault) return new SyntaxFault(parsed.reason, position + parsed.offset);
      parameters = parsed;
      if (question >= 0) {
        const fields = UriHeaders.parse(text.slice(question + 1));
        if (fields instanceof SyntaxFault) return new SyntaxFault(fields.reason, question + 1 + fields.offset);
        headers = fields;
      }
    }
    return new SipUri(text, scheme, user, password, host, port, parameters, headers);
  }

  /** Makes a URI from its parts. Throws on a host that is none, an empty user or a port out of range. */
  static of(parts: SipUriParts): SipUri {
    const { scheme = 'sip', user, password, port } = parts;
    if (!isHost(parts.host)) throw new SwitchhookError('invalid-host', `not a host: ${parts.host}`);
    if (user === '' || (user === undefined && password !== undefined)) {
      throw new SwitchhookError('invalid-uri', 'a user part cannot be empty');
    }
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw new SwitchhookError('invalid-uri', `not a port: ${String(port)}`);
    }
    const host = lowerCase(parts.host.startsWith('[') ? parts.host.slice(1, -1) : parts.host);
    const parameters = Parameters.of(parts.parameters ?? Parameters.EMPTY);
    const headers = parts.headers instanceof UriHeaders ? parts.headers : UriHeaders.of(parts.headers ?? []);
    const rawUser = user === undefined ? undefined : escape(user, USER);
    const rawPassword = password === undefined ? undefined : escape(password, PASSWORD);
    const userinfo =
      rawUser === undefined ? '' : rawPassword === undefined ? `${rawUser}@` : `${rawUser}:${rawPassword}@`;
    const hostport = printHost(host) + (port === undefined ? '' : `:${String(port)}`);
    const text = `${scheme}:${userinfo}${hostport}${parameters.toUriString()}${headers.toString()}`;
    return new SipUri(text, scheme, rawUser, rawPassword, host, port, parameters, headers);
  }

  /** A copy with some parts changed. */
  with(changes: Partial<SipUriParts>): SipUri {
    const { scheme, user, password, host, port, parameters, headers } = this;
    return SipUri.of({ scheme, user, password, host, port, parameters, headers, ...changes });
  }

  /** Unescaped, a character a byte. */
  get user(): string | undefined {
    return this.#user === undefined ? undefined : unescape(this.#user);
  }

  get password(): string | undefined {
    return this.#password === undefined ? undefined : unescape(this.#password);
  }

  /** The `transport` parameter in lower case. */
  get transport(): string | undefined {
    const transport = this.parameters.get('transport');
    return transport === undefined ? undefined : lowerCase(transport);
  }

  /** Whether the host is an address, which needs no look-up. */
  get isNumericHost(): boolean {
    return this.host.includes(':') || isIpv4(this.host);
  }

  /** Whom requests are sent to: a maddr overrides the host (RFC 3261 19.1.1). In lower case, IPv6 without brackets. */
  get destinationHost(): string {
    const maddr = this.parameters.get('maddr');
    if (maddr === undefined) return this.host;
    return lowerCase(maddr.startsWith('[') && maddr.endsWith(']') ? maddr.slice(1, -1) : maddr);
  }

  /** Host and, when given, port, as they stand in the URI. */
  get hostport(): string {
    return printHost(this.host) + (this.port === undefined ? '' : `:${String(this.port)}`);
  }

  /**
   * The canonical address of record (RFC 3261 10.3 step 5): parameters off, no escape that is not needed, and `sip`
   * for both schemes, since they name the same person.
   */
  get addressOfRecord(): string {
    const user = this.user;
    const host = canonicalHost(this.host);
    const port = this.port === undefined ? '' : `:${String(this.port)}`;
    return `sip:${user === undefined ? '' : `${escape(user, USER)}@`}${this.host.includes(':') ? `[${host}]` : host}${port}`;
  }

  /** The comparison of RFC 3261 19.1.4. */
  equals(other: unknown): boolean {
    if (!(other instanceof SipUri)) return false;
    return (
      this.scheme === other.scheme &&
      this.port === other.port &&
      equalEscaped(this.#user, other.#user) &&
      equalEscaped(this.#password, other.#password) &&
      canonicalHost(this.host) === canonicalHost(other.host) &&
      equalParameters(this.parameters, other.parameters) &&
      equalHeaders(this.headers, other.headers)
    );
  }

  /** As it came, or for a URI made from parts in canonical spelling. */
  toString(): string {
    return this.#text;
  }
}

function equalEscaped(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || one === other) return one === other;
  return normalizeEscapes(one) === normalizeEscapes(other);
}

function equalParameters(one: Parameters, other: Parameters): boolean {
  if (one === Parameters.EMPTY && other === Parameters.EMPTY) return true;
  for (const name of significantParameters) if (one.has(name) !== other.has(name)) return false;
  const values = new Map<string, string>(other);
  for (const [name, value] of one) {
    const twin = values.get(name);
    if (twin !== undefined && lowerCase(twin) !== lowerCase(value)) return false;
  }
  return true;
}

function equalHeaders(one: UriHeaders, other: UriHeaders): boolean {
  if (one.size !== other.size) return false;
  const sorted = (headers: UriHeaders): string[] =>
    [...headers].map(([name, value]) => `${lowerCase(name)}=${value}`).sort();
  const others = sorted(other);
  return sorted(one).every((field, index) => field === others[index]);
}
