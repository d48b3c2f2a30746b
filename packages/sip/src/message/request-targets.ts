import { SyntaxFault } from './fault.ts';
import { HistoryInfo } from './headers/history-info.ts';
import { To } from './headers/to.ts';
import type { SipRequest } from './sip-request.ts';
import { NameAddr } from './name-addr.ts';
import type { Uri } from './uri.ts';

/**
 * What a request is addressed to, and was on its way, the latest first: the Request-URI, what it was before proxies replaced it
 * (RFC 7044, which is how a GRUU's parameters are delivered, RFC 5627 4.2), and the To, for proxies that do not tell. All but the
 * first are what others say, and prove nothing.
 */
export function requestTargets(request: SipRequest): readonly Uri[] {
  const { requestUri } = request;
  const history = request.all(HistoryInfo);
  const to = request.get(To);
  return [
    ...(requestUri instanceof SyntaxFault ? [] : [requestUri]),
    ...(history instanceof SyntaxFault ? [] : history.map(({ address }) => address.uri).reverse()),
    ...(to instanceof NameAddr ? [to.uri] : []),
  ];
}
