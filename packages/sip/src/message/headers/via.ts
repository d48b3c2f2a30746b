import { SwitchhookError } from '../../error.ts';
import { DIGIT, equalsFolded, isAll, scanNumber, skip, SPACE, TOKEN, trimEnd } from '../characters.ts';
import { SyntaxFault } from '../fault.ts';
import { unfold } from '../folding.ts';
import type { HeaderType } from '../header.ts';
import { hostEnd, hostText, isHost, printHost } from '../host.ts';
import { ParameterScanner } from '../parameter-scanner.ts';
import { Parameters } from '../parameters.ts';
import type { ParametersInit } from '../parameters.ts';

const ZERO = 0x30;
const LETTER_P = 0x70;
const LETTER_R = 0x72;
const EQUALS = 0x3d;

const plainBranch = ';branch=';
const plainRport = ';rport';
const plainReceived = ';received=';

/** How nearly every Via is written, for {@link ViaValue.ofUsual}. */
export const usualVia = (() => {
  const host = /[a-z\d]+(?:[.-][a-z\d]+)*/.source;
  const port = /(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3})/.source;
  const branch = /;branch=[\w\-.!%*+`'~]+/.source;
  return `SIP/2\\.0/(?:UDP|TCP|TLS|WSS?) ${host}(?::${port})?${branch}(?:;rport(?:=${port})?)?(?:;received=${host})?`;
})();

/** What {@link ViaValue.of} takes. */
export interface ViaParts {
  /** The transport, as `UDP`. */
  readonly protocol: string;
  readonly host: string;
  readonly port?: number | undefined;
  readonly parameters?: ParametersInit | undefined;
}

/** One hop on the way of a request (RFC 3261 20.42). Immutable; prints as it came. */
export class ViaValue {
  /** The transport in capitals: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, … */
  readonly protocol: string;
  /** Lower case; an IPv6 address is without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string | undefined;
  /** Where the request really came from, without the brackets that some put around IPv6 (RFC 5118 4.5). */
  readonly received: string | undefined;
  /** True when the client asks for the port (RFC 3581), else the port that a server has filled in. */
  readonly rport: number | true | undefined;
  /** Where the response is wanted instead (RFC 3261 18.2.2). */
  readonly maddr: string | undefined;
  /** The text that this Via stands in, and where. Cut out when somebody prints it. */
  readonly #source: string;
  readonly #start: number;
  /** Where the sent-by starts, if it stands there as this class would write it, with the branch behind it; else -1. */
  readonly #sentByStart: number;
  readonly #parametersStart: number;
  readonly #end: number;
  #parameters: Parameters | undefined = undefined;

  private constructor(
    source: string,
    start: number,
    sentByStart: number,
    parametersStart: number,
    end: number,
    protocol: string,
    host: string,
    port: number | undefined,
    branch: string | undefined,
    received: string | undefined,
    rport: number | true | undefined,
    maddr: string | undefined,
  ) {
    this.protocol = protocol;
    this.host = host;
    this.port = port;
    this.branch = branch;
    this.received = received;
    this.rport = rport;
    this.maddr = maddr;
    this.#source = source;
    this.#start = start;
    this.#sentByStart = sentByStart;
    this.#parametersStart = parametersStart;
    this.#end = end;
  }

  static parse(text: string): ViaValue | SyntaxFault {
    return ViaValue.scan(text, 0, text.length, true);
  }

  /**
   * Reads one Via in place, between `start` and `end` of a larger text. It may be followed by a comma and more unless
   * it has to be `alone`.
   */
  static scan(text: string, start: number, end: number, alone: boolean): ViaValue | SyntaxFault {
    const first = skip(text, start, end, SPACE);
    let i = first;
    let protocol = 'UDP';
    if (text.startsWith('SIP/2.0/UDP ', first)) i += 11;
    else {
      i = skip(text, i, end, TOKEN);
      if (!equalsFolded(text, first, i, 'sip')) return new SyntaxFault('Via is not of SIP', first);
      const versionStart = afterSlash(text, i, end);
      if (versionStart < 0) return new SyntaxFault('no version in Via', i);
      i = skip(text, versionStart, end, TOKEN);
      if (!equalsFolded(text, versionStart, i, '2.0')) return new SyntaxFault('Via is not of SIP/2.0', versionStart);
      const protocolStart = afterSlash(text, i, end);
      if (protocolStart < 0) return new SyntaxFault('no transport in Via', i);
      i = skip(text, protocolStart, end, TOKEN);
      if (i === protocolStart) return new SyntaxFault('no transport in Via', i);
      protocol = transportName(text, protocolStart, i);
    }
    const hostStart = skip(text, i, end, SPACE);
    if (hostStart === i) return new SyntaxFault('no white space after the transport in Via', i);
    const hostStop = hostEnd(text, hostStart, end);
    if (hostStop < 0) return new SyntaxFault('no valid host in Via', hostStart);
    const host = hostText(text, hostStart, hostStop);
    let port: number | undefined;
    let parametersStart = hostStop;
    i = skip(text, hostStop, end, SPACE);
    if (i < end && text.charCodeAt(i) === 0x3a) {
      const portStart = skip(text, i + 1, end, SPACE);
      parametersStart = skip(text, portStart, end, DIGIT);
      port = scanNumber(text, portStart, parametersStart, 65_535);
      if (port < 0) return new SyntaxFault('no valid port in Via', portStart);
    }
    let branch: string | undefined;
    let received: string | undefined;
    let rport: number | true | undefined;
    let maddr: string | undefined;
    // How nearly every Via goes on; whatever else there is takes the long way.
    let position = parametersStart;
    if (text.startsWith(plainBranch, position)) {
      const branchStart = position + plainBranch.length;
      const branchEnd = skip(text, branchStart, end, TOKEN);
      if (branchEnd > branchStart && (branchEnd === end || text.charCodeAt(branchEnd) === 0x3b)) {
        branch = text.slice(branchStart, branchEnd);
        position = branchEnd;
      }
    }
    if (text.startsWith(plainRport, position) && position + plainRport.length === end) {
      rport = true;
      position = end;
    }
    if (position === end) {
      return new ViaValue(text, first, -1, parametersStart, end, protocol, host, port, branch, received, rport, maddr);
    }
    const scanner = new ParameterScanner(text, position, end);
    while (scanner.next()) {
      const { nameStart, nameEnd, valueStart, valueEnd } = scanner;
      if (equalsFolded(text, nameStart, nameEnd, 'branch')) {
        if (branch !== undefined) return new SyntaxFault('more than one branch', nameStart);
        if (valueStart < 0) return new SyntaxFault('branch without a value', nameEnd);
        if (text.charCodeAt(valueStart) === 0x22) return new SyntaxFault('branch is not a token', valueStart);
        branch = text.slice(valueStart, valueEnd);
      } else if (received === undefined && equalsFolded(text, nameStart, nameEnd, 'received')) {
        if (valueStart < 0) return new SyntaxFault('received without a value', nameEnd);
        const isBracketed = text.charCodeAt(valueStart) === 0x5b;
        received = isBracketed ? text.slice(valueStart + 1, valueEnd - 1) : text.slice(valueStart, valueEnd);
        if (!isHost(received)) return new SyntaxFault('received is not an address', valueStart);
      } else if (rport === undefined && equalsFolded(text, nameStart, nameEnd, 'rport')) {
        rport = valueStart < 0 ? true : scanNumber(text, valueStart, valueEnd, 65_535);
        if (rport === -1) return new SyntaxFault('no valid rport in Via', valueStart);
      } else if (maddr === undefined && valueStart >= 0 && equalsFolded(text, nameStart, nameEnd, 'maddr')) {
        maddr = text.slice(valueStart, valueEnd);
      }
    }
    if (scanner.fault !== '') return new SyntaxFault(scanner.fault, scanner.position);
    if (alone && scanner.position < end) return new SyntaxFault('comma in Via', scanner.position);
    const stop = trimEnd(text, parametersStart, scanner.position);
    return new ViaValue(text, first, -1, parametersStart, stop, protocol, host, port, branch, received, rport, maddr);
  }

  /**
   * Reads what {@link usualVia} matches from `start` on, which needs no look at most of it. Others may follow before
   * `lineEnd`, behind commas.
   */
  static ofUsual(text: string, start: number, lineEnd: number): ViaValue {
    const protocolStart = start + 'SIP/2.0/'.length;
    const protocol = usualTransport(text, protocolStart);
    const hostStart = protocolStart + protocol.length + 1;
    const parametersStart = text.indexOf(';', hostStart);
    const colon = text.indexOf(':', hostStart);
    const hasPort = colon >= 0 && colon < parametersStart;
    const branchStart = parametersStart + plainBranch.length;
    const semicolon = text.indexOf(';', branchStart);
    // Where there is nothing behind the branch and another Via follows, this is the semicolon before its branch.
    const hasMore = semicolon >= 0 && semicolon < lineEnd && text.charCodeAt(semicolon + 1) === LETTER_R;
    const branchEnd = hasMore ? semicolon : commaOr(lineEnd, text, branchStart);
    let end = branchEnd;
    let rport: number | true | undefined;
    if (hasMore && text.charCodeAt(semicolon + 2) === LETTER_P) {
      const rportEnd = end + plainRport.length;
      const hasNumber = text.charCodeAt(rportEnd) === EQUALS;
      end = hasNumber ? skip(text, rportEnd + 1, lineEnd, DIGIT) : rportEnd;
      rport = hasNumber ? scanNumber(text, rportEnd + 1, end, 65_535) : true;
    }
    let received: string | undefined;
    if (hasMore && end < lineEnd && text.startsWith(plainReceived, end)) {
      const receivedStart = end + plainReceived.length;
      end = commaOr(lineEnd, text, receivedStart);
      received = text.slice(receivedStart, end);
    }
    const isPortPlain = !hasPort || text.charCodeAt(colon + 1) !== ZERO;
    return new ViaValue(
      text,
      start,
      isPortPlain ? hostStart : -1,
      parametersStart,
      end,
      protocol,
      text.slice(hostStart, hasPort ? colon : parametersStart),
      hasPort ? scanNumber(text, colon + 1, parametersStart, 65_535) : undefined,
      text.slice(branchStart, branchEnd),
      received,
      rport,
      undefined,
    );
  }

  /** Makes a Via from its parts. Throws on a host or transport that is none. */
  static of(parts: ViaParts): ViaValue {
    if (!isHost(parts.host)) throw new SwitchhookError('invalid-host', `not a host: ${parts.host}`);
    if (!isAll(parts.protocol, TOKEN))
      throw new SwitchhookError('invalid-header-value', `not a transport: ${parts.protocol}`);
    const host = parts.host.startsWith('[') ? parts.host : printHost(parts.host);
    const port = parts.port === undefined ? '' : `:${String(parts.port)}`;
    const parameters = Parameters.of(parts.parameters ?? Parameters.EMPTY).toString();
    const via = ViaValue.parse(`SIP/2.0/${parts.protocol} ${host}${port}${parameters}`);
    if (via instanceof SyntaxFault) throw new SwitchhookError('invalid-header-value', via.reason);
    return via;
  }

  /** A copy with some parts changed. */
  with(changes: Partial<ViaParts>): ViaValue {
    const { protocol, host, port, parameters } = this;
    return ViaValue.of({ protocol, host, port, parameters, ...changes });
  }

  get parameters(): Parameters {
    if (this.#parameters === undefined) {
      const parsed = Parameters.parse(unfold(this.#source.slice(this.#parametersStart, this.#end)));
      this.#parameters = parsed instanceof SyntaxFault ? Parameters.EMPTY : parsed;
    }
    return this.#parameters;
  }

  /** Host and, when given, port: where the sender says that it listens. */
  get sentBy(): string {
    return printHost(this.host) + (this.port === undefined ? '' : `:${String(this.port)}`);
  }

  /**
   * Sent-by and branch in one text, the same however the Via spells them. Where they stand like that in the message it
   * is cut out of it and not put together: what is looked up by has to be in one piece.
   */
  get sentByAndBranch(): string {
    const { host, port, branch = '' } = this;
    const end = this.#parametersStart + plainBranch.length + branch.length;
    if (this.#sentByStart >= 0) return this.#source.slice(this.#sentByStart, end);
    return `${host}${port === undefined ? '' : `:${String(port)}`}${plainBranch}${branch}`;
  }

  /** Whether nothing follows it up to that position of the text that it stands in. */
  endsAt(text: string, position: number): boolean {
    return this.#end === position && this.#source === text;
  }

  /** Where the one behind it in the same field of that text starts, or -1 when it does not stand there before a comma. */
  nextStart(text: string, fieldEnd: number): number {
    if (this.#source !== text) return -1;
    const comma = skip(text, this.#end, fieldEnd, SPACE);
    return comma < fieldEnd && text.charCodeAt(comma) === 0x2c ? skip(text, comma + 1, fieldEnd, SPACE) : -1;
  }

  toString(): string {
    return unfold(this.#source.slice(this.#start, this.#end));
  }
}

/** Via: the hops that a request has gone, the last one first (RFC 3261 20.42). */
export type Via = ViaValue;
export const Via: HeaderType<Via> = {
  name: 'Via',
  compact: 'v',
  list: true,
  parse: (text) => ViaValue.parse(text),
  print: (value) => value.toString(),
};

/** The position after a slash with its white space (RFC 3261 25.1 `SLASH`), or -1. */
function afterSlash(text: string, position: number, end: number): number {
  const slash = skip(text, position, end, SPACE);
  return slash < end && text.charCodeAt(slash) === 0x2f ? skip(text, slash + 1, end, SPACE) : -1;
}

/** The one of `UDP`, `TCP`, `TLS`, `WS` and `WSS` that stands at `start`. */
function usualTransport(text: string, start: number): string {
  switch (text.charCodeAt(start)) {
    case 0x55:
      return 'UDP';
    case 0x54:
      return text.charCodeAt(start + 1) === 0x43 ? 'TCP' : 'TLS';
    default:
      return text.charCodeAt(start + 2) === 0x53 ? 'WSS' : 'WS';
  }
}

/** The usual transports without making a string. */
function transportName(text: string, start: number, end: number): string {
  if (end - start === 3) {
    if (equalsFolded(text, start, end, 'udp')) return 'UDP';
    if (equalsFolded(text, start, end, 'tcp')) return 'TCP';
    if (equalsFolded(text, start, end, 'tls')) return 'TLS';
    if (equalsFolded(text, start, end, 'wss')) return 'WSS';
  }
  return text.slice(start, end).toUpperCase();
}

/** Where the next comma is, or the end of the line where it has none. */
function commaOr(lineEnd: number, text: string, position: number): number {
  const comma = text.indexOf(',', position);
  return comma < 0 || comma > lineEnd ? lineEnd : comma;
}
