import { SwitchhookError } from '../error.ts';
import { equalsFolded, isAll, skip, TOKEN } from './characters.ts';
import { MessageEdit } from './edit.ts';
import { SyntaxFault } from './fault.ts';
import type { HeaderInit } from './header.ts';
import { HeaderIndex, noLimits } from './header-index.ts';
import type { MessageLimits } from './header-index.ts';
import { MalformedMessage } from './malformed-message.ts';
import { headerSection } from './message-text.ts';
import { methodIn } from './methods.ts';
import { printRequestUri } from './printing.ts';
import { addsNoEssentials, responseText } from './response-text.ts';
import type { ResponseOptions } from './response-text.ts';
import { SipMessage, withoutRest } from './sip-message.ts';
import { startLineEnd } from './start-line.ts';
import { SipResponse } from './sip-response.ts';
import { parseUri, SipUri } from './uri.ts';
import type { Uri } from './uri.ts';

/** How nearly every request line ends. */
const plainVersion = ' SIP/2.0';

/** What {@link SipRequest.create} takes. Content-Length is made from the body. */
export interface RequestParts {
  readonly method: string;
  readonly requestUri: Uri | string;
  readonly headers: readonly HeaderInit[];
  readonly body?: string | undefined;
}

/** A request (RFC 3261 7.1). */
export class SipRequest extends SipMessage {
  readonly method: string;
  readonly requestUriText: string;
  #requestUri: Uri | SyntaxFault | undefined = undefined;

  private constructor(text: string, index: HeaderIndex | undefined, method: string, requestUriText: string) {
    super(text, index);
    this.method = method;
    this.requestUriText = requestUriText;
  }

  /** Reads a text that starts with a request line. What comes from outside has a Via. */
  static parse(text: string, limits: MessageLimits, wantsVia = true): SipRequest | MalformedMessage {
    const index = HeaderIndex.ofUsual(text, limits, wantsVia);
    return index === undefined ? SipRequest.#scan(text, limits, wantsVia) : SipRequest.#ofUsual(text, index);
  }

  static #ofUsual(text: string, index: HeaderIndex): SipRequest {
    const methodEnd = text.indexOf(' ');
    const method = methodIn(text, 0, methodEnd);
    const uri = text.slice(methodEnd + 1, index.start - plainVersion.length - 2);
    return new SipRequest(withoutRest(text, index), index, method, uri);
  }

  static #scan(text: string, limits: MessageLimits, wantsVia: boolean): SipRequest | MalformedMessage {
    const lineEnd = startLineEnd(text);
    if (lineEnd < 0) return new MalformedMessage(new SyntaxFault('the request line does not end'), undefined);
    const methodEnd = skip(text, 0, lineEnd, TOKEN);
    if (methodEnd === 0 || text.charCodeAt(methodEnd) !== 0x20) {
      return new MalformedMessage(new SyntaxFault('no method', methodEnd), undefined);
    }
    const uriStart = methodEnd + 1;
    const isPlain = text.startsWith(plainVersion, lineEnd - plainVersion.length);
    const uriEnd = isPlain ? lineEnd - plainVersion.length : text.lastIndexOf(' ', lineEnd - 1);
    const lineFault = requestLineFault(text, uriStart, uriEnd, lineEnd);
    const index = HeaderIndex.scan(text, lineEnd + 2, limits, wantsVia);
    const method = methodIn(text, 0, methodEnd);
    const uri = text.slice(uriStart, Math.max(uriStart, uriEnd));
    const request = new SipRequest(withoutRest(text, index), index, method, uri);
    const fault = lineFault ?? index.fault ?? methodFault(method, text, index);
    index.fault ??= fault;
    return fault === undefined ? request : new MalformedMessage(fault, request);
  }

  /**
   * Makes a request. Throws when the parts do not make one. A new request goes without a Via, for which transport it
   * takes is not known yet: `TransactionLayer.request` and `send` put theirs on top (RFC 3261 8.1.1.7, 18.1.1).
   */
  static create(parts: RequestParts): SipRequest {
    if (!isAll(parts.method, TOKEN)) throw new SwitchhookError('invalid-method', `not a method: ${parts.method}`);
    const startLine = `${parts.method} ${printRequestUri(parts.requestUri.toString())} SIP/2.0\r\n`;
    const request = SipRequest.fromOwnText(startLine + headerSection(parts.headers, parts.body ?? ''));
    const uri = request.requestUri;
    if (uri instanceof SyntaxFault) throw new SwitchhookError('invalid-uri', `Request-URI: ${uri.reason}`);
    return request;
  }

  /** Reads a text that this side made. Throws when it is no request. */
  static fromOwnText(text: string): SipRequest {
    const request = SipRequest.parse(text, noLimits, false);
    if (request instanceof SipRequest) return request;
    throw new SwitchhookError('malformed-message', `not a request: ${request.fault.reason}`);
  }

  /** A request that this side has put together of checked parts. It is indexed when somebody looks into it. */
  static #ofCheckedParts(text: string): SipRequest {
    const methodEnd = text.indexOf(' ');
    const uriEnd = text.indexOf('\r') - plainVersion.length;
    return new SipRequest(text, undefined, methodIn(text, 0, methodEnd), text.slice(methodEnd + 1, uriEnd));
  }

  override get cseqMethod(): string {
    return this.index.fault === undefined ? this.method : super.cseqMethod;
  }

  /** A Request-URI cannot carry header fields (RFC 3261 19.1.1); one that does is a fault. */
  get requestUri(): Uri | SyntaxFault {
    if (this.#requestUri === undefined) {
      const uri = parseUri(this.requestUriText);
      const hasHeaders = uri instanceof SipUri && uri.headers.size > 0;
      this.#requestUri = hasHeaders ? new SyntaxFault('header fields in a Request-URI') : uri;
    }
    return this.#requestUri;
  }

  override forget(): void {
    super.forget();
    this.#requestUri = undefined;
  }

  /** The response to this request (RFC 3261 8.2.6). */
  createResponse(status: number, options: ResponseOptions = {}): SipResponse {
    const text = responseText(this, status, options);
    const { essentials, fault } = this.index;
    const { topVia } = essentials;
    const isSound = fault === undefined && topVia !== undefined && addsNoEssentials(options);
    return isSound ? SipResponse.ofCheckedParts(text, topVia) : SipResponse.fromOwnText(text);
  }

  override edit(): MessageEdit<SipRequest> {
    return new MessageEdit<SipRequest>(this, (text, isSound) =>
      isSound ? SipRequest.#ofCheckedParts(text) : SipRequest.fromOwnText(text),
    );
  }
}

function requestLineFault(text: string, uriStart: number, uriEnd: number, lineEnd: number): SyntaxFault | undefined {
  if (uriEnd <= uriStart) return new SyntaxFault('no Request-URI or no version', uriStart);
  const space = text.indexOf(' ', uriStart);
  if (space < uriEnd) return new SyntaxFault('white space in the request line', space);
  if (uriEnd + 8 === lineEnd && text.startsWith('SIP/2.0', uriEnd + 1)) return undefined;
  if (!equalsFolded(text, uriEnd + 1, Math.min(uriEnd + 5, lineEnd), 'sip/'))
    return new SyntaxFault('no SIP version', uriEnd);
  if (!equalsFolded(text, uriEnd + 1, lineEnd, 'sip/2.0')) return new SyntaxFault('not SIP/2.0', uriEnd, 505);
  return undefined;
}

/** RFC 3261 8.1.1.5: the method in CSeq is the method of the request. */
function methodFault(method: string, text: string, index: HeaderIndex): SyntaxFault | undefined {
  const { cseqMethodStart, cseqMethodEnd } = index.essentials;
  const isInCSeq = cseqMethodEnd - cseqMethodStart === method.length && text.startsWith(method, cseqMethodStart);
  return isInCSeq ? undefined : new SyntaxFault('the method in CSeq is another than that of the request');
}
