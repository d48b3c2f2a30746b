import { SwitchhookError } from '../error.ts';
import { mayBeEssential } from './essentials.ts';
import type { HeaderInit } from './header.ts';
import { headerKey } from './header-name.ts';
import { headerSection } from './message-text.ts';
import { checkLine, printTag } from './printing.ts';
import type { SipMessage } from './sip-message.ts';
import { reasonPhrase } from './status-codes.ts';

/** What a response has beside what it takes from its request (RFC 3261 8.2.6). */
export interface ResponseOptions {
  /** Instead of the registered phrase. */
  readonly reason?: string | undefined;
  /** Put on the To that has none. A 100 gets none (RFC 3261 8.2.6.2). */
  readonly toTag?: string | undefined;
  /** For a response that makes a dialog: the Record-Route of the request goes along (RFC 3261 12.1.1). */
  readonly recordRoute?: boolean | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
  readonly body?: string | undefined;
}

/** Whether these leave alone what is taken from the request. */
export function addsNoEssentials({ headers = [] }: ResponseOptions): boolean {
  return headers.every(([header]) => !mayBeEssential(typeof header === 'string' ? header : header.name));
}

function copyLines(request: SipMessage, name: string): string {
  const { index, text } = request;
  const key = headerKey(name);
  let lines = '';
  for (let field = index.find(name, key); field >= 0; field = index.find(name, key, field)) {
    lines += text.slice(index.lineStart(field), index.lineEnd(field));
  }
  return lines;
}

function toLine(request: SipMessage, tag: string | undefined): string {
  const { index, text } = request;
  const field = index.first('To');
  if (field < 0) return '';
  if (tag === undefined || request.toTag !== undefined) return text.slice(index.lineStart(field), index.lineEnd(field));
  return `${text.slice(index.lineStart(field), index.valueEnd(field))};tag=${printTag(tag)}\r\n`;
}

/**
 * The text of a response (RFC 3261 8.2.6). What it takes from its request is copied byte for byte, and what the
 * request lacks is left out: this also answers a request that was too malformed to be a message.
 */
export function responseText(request: SipMessage, status: number, options: ResponseOptions): string {
  if (!Number.isInteger(status) || status < 100 || status > 699) {
    throw new SwitchhookError('invalid-status', `not a status: ${String(status)}`);
  }
  return (
    `SIP/2.0 ${String(status)} ${options.reason === undefined ? reasonPhrase(status) : checkLine(options.reason)}\r\n` +
    copyLines(request, 'Via') +
    copyLines(request, 'From') +
    toLine(request, options.toTag) +
    copyLines(request, 'Call-ID') +
    copyLines(request, 'CSeq') +
    (status === 100 ? copyLines(request, 'Timestamp') : '') +
    (options.recordRoute === true ? copyLines(request, 'Record-Route') : '') +
    headerSection(options.headers ?? [], options.body ?? '')
  );
}
