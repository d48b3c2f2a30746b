import type { SipRequest } from '../message/message.ts';
import { SipUri } from '../message/sip-uri.ts';
import { parseUri } from '../message/uri.ts';

/**
 * Whether the `uri` of credentials means what the request is for (RFC 7616 3.4.6). Proxies may have changed the
 * Request-URI (RFC 3261 22.4, item 6), so parameters, port and scheme do not count, nor which of our own names the
 * host is; but credentials for one user's address never serve for another's.
 */
export function namesSameResource(uri: string, request: SipRequest, isOurHost: (host: string) => boolean): boolean {
  if (uri === request.requestUriText) return true;
  const named = parseUri(uri);
  const asked = request.requestUri;
  if (!(named instanceof SipUri) || !(asked instanceof SipUri)) return false;
  if (named.user !== asked.user) return false;
  return named.host === asked.host || (isOurHost(named.host) && isOurHost(asked.host));
}
