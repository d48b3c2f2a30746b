import { isSecure, NameAddr, SipUri } from '@switchhook/sip';
import type { SipRequest } from '@switchhook/sip';

/** The proxy that a call is to come by, as safe as the call was: a sips one is repeated over TLS or not at all (RFC 5630 3.3). */
export function screeningProxyFor({ requestUri }: Pick<SipRequest, 'requestUri'>, proxy: NameAddr): NameAddr {
  if (!isSecure(requestUri) || !(proxy.uri instanceof SipUri)) return proxy;
  return NameAddr.of({ uri: proxy.uri.with({ scheme: 'sips' }) });
}
