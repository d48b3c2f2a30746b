import { NameAddr, ProxyAuthorization, SipUri, SyntaxFault } from '@switchhook/sip';
import type { RingPlan, SipRequest } from '@switchhook/sip';
import type { Caller } from './access.ts';

/** What is taken out of a request that goes on, and what of it is put back. */
export type Trim = Pick<RingPlan, 'removeHeaders' | 'headers'>;

/** Claims that only a trusted side may make (RFC 3325 5). */
const untrusted: Trim = { removeHeaders: ['P-Asserted-Identity'] };
const consumed = ['P-Asserted-Identity', 'Proxy-Authorization'];

/**
 * Takes out what must not leave with a request, whoever sent it: claims that nobody here vouches for, and credentials
 * for a realm of ours. Those for other realms are for proxies further on (RFC 3261 22.3).
 */
export function trim(request: SipRequest, isOurRealm: (realm: string) => boolean): Trim {
  if (!request.has('Proxy-Authorization')) return untrusted;
  const others = request.rawAll('Proxy-Authorization').filter((value) => !isOurRealm(realmOf(value)));
  return { removeHeaders: consumed, headers: others.map((value) => ['Proxy-Authorization', value]) };
}

/**
 * Says to phones of ours who the caller is, where he has proved it (RFC 3325 5): he is who From says, so that nobody learns
 * more by it, but what he may do.
 */
export function asserting(trim: Trim, caller: Caller): Trim {
  if (caller.kind !== 'subscriber') return trim;
  const { removeHeaders, headers = [] } = trim;
  const uri = SipUri.of({ scheme: 'sip', user: caller.user, host: caller.domain });
  return { removeHeaders, headers: [['P-Asserted-Identity', NameAddr.of({ uri }).toString()], ...headers] };
}

function realmOf(credentials: string): string {
  const read = ProxyAuthorization.parse(credentials);
  return read instanceof SyntaxFault ? '' : (read.parameters.get('realm') ?? '');
}
