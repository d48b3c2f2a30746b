import type { HeaderInit } from '../message/header.ts';
import { SipRequest } from '../message/message.ts';

/** What ACK and CANCEL take over from the request that they are about, which has its own Via on top. */
function derived(
  method: 'ACK' | 'CANCEL',
  request: SipRequest,
  to: string,
  headers: readonly HeaderInit[],
): SipRequest {
  const routes = request.rawAll('Route').map((route): HeaderInit => ['Route', route]);
  return SipRequest.create({
    method,
    requestUri: request.requestUriText,
    headers: [
      ['Via', request.topVia.toString()],
      ...routes,
      ['Max-Forwards', '70'],
      ['From', request.raw('From') ?? ''],
      ['To', to],
      ['Call-ID', request.callId],
      ['CSeq', `${String(request.cseqNumber)} ${method}`],
      ...headers,
    ],
  });
}

/** The ACK to a response that is no 2xx (RFC 3261 17.1.1.3). `to` is the To of the response. */
export function acknowledgement(request: SipRequest, to: string): SipRequest {
  return derived('ACK', request, to, []);
}

/** The CANCEL of a request (RFC 3261 9.1), with more header fields, as a Reason (RFC 3326). */
export function cancellation(request: SipRequest, headers: readonly HeaderInit[]): SipRequest {
  return derived('CANCEL', request, request.raw('To') ?? '', headers);
}
