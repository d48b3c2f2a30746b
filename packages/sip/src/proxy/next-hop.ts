import { SyntaxFault } from '../message/fault.ts';
import { NameAddr } from '../message/name-addr.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';

/** A request's address lines after RFC 3261 16.6 steps 2 and 6, and the URI whose lookup says where it goes (step 7). */
export interface NextHop {
  readonly requestUri: string;
  /** The whole Route list to write. */
  readonly route: readonly string[];
  /** What to resolve; undefined for a URI that names no host to ask. */
  readonly uri: SipUri | undefined;
  /** No insecure hop will do. */
  readonly secure: boolean;
}

/** Adds what the next hop must look like to a target: `path` before the Route values that the request brought. */
export function nextHop(
  target: Uri,
  scheme: 'sip' | 'sips',
  path: readonly NameAddr[] | undefined,
  route: readonly string[],
): NextHop | SyntaxFault {
  const uri = target instanceof SipUri ? requestUriOf(target, scheme) : target;
  const routes = path === undefined || path.length === 0 ? route : [...path.map(String), ...route];
  // A sips: binding called by its sip: address is reached over TLS all the same (RFC 5630 5.3).
  const secure = scheme === 'sips' || (routes.length === 0 && isSecure(target));
  const [top] = routes;
  if (top === undefined) {
    const sip = uri instanceof SipUri ? uri : undefined;
    return { requestUri: uri.toString(), route: routes, uri: secured(sip, secure), secure };
  }
  const address = NameAddr.parse(top);
  if (address instanceof SyntaxFault) return address;
  const hop = address.uri instanceof SipUri ? address.uri : undefined;
  if (hop === undefined || hop.parameters.has('lr')) {
    const resolved = secured(hop, secure || hop?.scheme === 'sips');
    return { requestUri: uri.toString(), route: routes, uri: resolved, secure: secure || hop?.scheme === 'sips' };
  }
  // A strict router next: it wants itself in the Request-URI and the real one last.
  return {
    requestUri: requestUriOf(hop, hop.scheme).toString(),
    route: [...routes.slice(1), `<${uri.toString()}>`],
    uri: secured(hop, secure),
    secure: secure || hop.scheme === 'sips',
  };
}

/** Without what may not stand in a Request-URI (RFC 3261 19.1.1, table 1), and in the scheme that was called. */
function requestUriOf(uri: SipUri, scheme: 'sip' | 'sips'): SipUri {
  const bent = uri.parameters.has('method') || uri.headers.size > 0;
  if (!bent && uri.scheme === scheme) return uri;
  return uri.with({ scheme, parameters: uri.parameters.without('method'), headers: [] });
}

function secured(uri: SipUri | undefined, secure: boolean): SipUri | undefined {
  return uri !== undefined && secure && uri.scheme !== 'sips' ? uri.with({ scheme: 'sips' }) : uri;
}
