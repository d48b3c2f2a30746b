import { equalsFolded, isAll, scanNumber, TOKEN } from '../characters.ts';
import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { reasonPhrase } from '../status-codes.ts';
import type { Uri } from '../uri.ts';
import { parseUri } from '../uri.ts';
import { brokenAt, HeaderFields, lineAt, parseHeaderBlock } from './header-fields.ts';
import { checkLine, printInteger, printToken, refused } from '../printing.ts';

/** The start line of a fragment, when it has one. */
export type FragmentStart =
  | { readonly kind: 'request'; readonly method: string; readonly requestUri: Uri }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

/** What message/sipfrag carries (RFC 3420): a message of which any part may be missing. */
export class SipFragment {
  readonly start: FragmentStart | undefined;
  readonly headerFields: HeaderFields;
  readonly body: string | undefined;

  constructor(start: FragmentStart | undefined, headerFields = new HeaderFields([]), body?: string) {
    this.start = start;
    this.headerFields = headerFields;
    this.body = body;
  }

  /** The fragment by which a NOTIFY tells how a referred request fares (RFC 3515 2.4.5). */
  static ofStatus(status: number, reason = reasonPhrase(status)): SipFragment {
    return new SipFragment({ kind: 'response', status, reason });
  }

  static parse(text: string): SipFragment | SyntaxFault {
    const first = lineAt(text, 0);
    const broken = brokenAt(text, 0, first.end);
    if (broken >= 0) return new SyntaxFault('a control character in the first line', broken);
    const start = hasStartLine(text, first.end) ? parseStart(text.slice(0, first.end)) : undefined;
    if (start instanceof SyntaxFault) return start;
    const block = parseHeaderBlock(text, start === undefined ? 0 : first.next);
    if (block instanceof SyntaxFault) return block;
    return new SipFragment(
      start,
      block.headerFields,
      block.bodyStart === undefined ? undefined : text.slice(block.bodyStart),
    );
  }

  /** The status of a response, undefined for any other fragment. */
  get status(): number | undefined {
    return this.start?.kind === 'response' ? this.start.status : undefined;
  }

  get<T>(type: HeaderType<T>): T | undefined | SyntaxFault {
    return this.headerFields.get(type);
  }

  toString(): string {
    const headers = printStart(this.start) + this.headerFields.toString();
    return this.body === undefined ? headers : `${headers}\r\n${this.body}`;
  }
}

/** A header field has a colon right behind its name; neither start line has. */
function hasStartLine(text: string, end: number): boolean {
  const name = /^[^\s:]*[ \t]*/.exec(text.slice(0, end))?.[0] ?? '';
  return end > 0 && text[name.length] !== ':';
}

function parseStart(line: string): FragmentStart | SyntaxFault {
  return equalsFolded(line, 0, Math.min(4, line.length), 'sip/') ? parseStatusLine(line) : parseRequestLine(line);
}

function parseStatusLine(line: string): FragmentStart | SyntaxFault {
  const status = scanNumber(line, 8, 11, 699);
  const isShaped = equalsFolded(line, 0, 8, 'sip/2.0 ') && (line.length === 11 || line[11] === ' ');
  if (!isShaped || status < 100) return new SyntaxFault('not a status line of SIP/2.0');
  return { kind: 'response', status, reason: line.slice(12) };
}

function parseRequestLine(line: string): FragmentStart | SyntaxFault {
  const [method = '', uriText = '', version = '', ...more] = line.split(' ');
  if (!isAll(method, TOKEN) || version.toUpperCase() !== 'SIP/2.0' || more.length > 0) {
    return new SyntaxFault('not a request line of SIP/2.0');
  }
  const requestUri = parseUri(uriText);
  if (requestUri instanceof SyntaxFault)
    return new SyntaxFault(requestUri.reason, method.length + 1 + requestUri.offset);
  return { kind: 'request', method, requestUri };
}

function printStart(start: FragmentStart | undefined): string {
  if (start === undefined) return '';
  if (start.kind === 'response') {
    if (start.status < 100) throw refused('a status', String(start.status));
    return `SIP/2.0 ${printInteger(start.status, 'a status', 699)} ${checkLine(start.reason)}\r\n`;
  }
  return `${printToken(start.method, 'a method')} ${start.requestUri.toString()} SIP/2.0\r\n`;
}
