import { From, NameAddr, Privacy, ProxyAuthorization, SipUri, SyntaxFault, TelUri } from '@switchhook/sip';
import type { RingPlan, SipRequest } from '@switchhook/sip';
import type { Caller } from './access.ts';

/** What is taken out of a request that goes on, and what of it is put back. */
export type Trim = Pick<RingPlan, 'removeHeaders' | 'headers'>;

/** Claims that only a trusted side may make (RFC 3325 5). */
const untrusted = { removeHeaders: ['P-Asserted-Identity'] } as const;
/** And what was meant for us alone (RFC 3325 5). */
const hinting = { removeHeaders: ['P-Asserted-Identity', 'P-Preferred-Identity'] } as const;

/**
 * Takes out what must not leave with a request, whoever sent it: claims that nobody here vouches for, and credentials
 * for a realm of ours. Those for other realms are for proxies further on (RFC 3261 22.3).
 */
export function trim(request: SipRequest, isOurRealm: (realm: string) => boolean): Trim {
  const { removeHeaders } = request.has('P-Preferred-Identity') ? hinting : untrusted;
  if (!request.has('Proxy-Authorization')) return { removeHeaders };
  const others = request.rawAll('Proxy-Authorization').filter((value) => !isOurRealm(realmOf(value)));
  return {
    removeHeaders: [...removeHeaders, 'Proxy-Authorization'],
    headers: others.map((value) => ['Proxy-Authorization', value]),
  };
}

/**
 * Whether a caller's name is not for phones: he asks for that (RFC 3325 7), or From does not say it. Nobody shall learn more by
 * what is asserted than From says, but that it is true.
 */
export function isConcealed(request: SipRequest, caller: Caller): boolean {
  if (caller.kind !== 'subscriber') return false;
  if (request.has(Privacy)) {
    const privacy = request.get(Privacy);
    // What cannot be read asks for something, too.
    if (privacy instanceof SyntaxFault || privacy?.includes('id') === true) return true;
  }
  const from = request.get(From);
  const uri = from instanceof NameAddr ? from.uri : undefined;
  return caller.user !== (uri instanceof TelUri ? uri.digits : uri instanceof SipUri ? uri.user : undefined);
}

/** Says who the caller is, where he has proved it (RFC 3325 5). */
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
