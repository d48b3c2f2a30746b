import { SyntaxFault } from '../message/fault.ts';
import { RecordRoute } from '../message/headers/record-route.ts';
import type { SipMessage, SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';

/** The address lines of a request (RFC 3261 12.2.1.1), and the URI whose lookup says where it goes (8.1.2). */
export interface AddressLines {
  readonly requestUri: string;
  readonly route: readonly string[];
  readonly firstHop: Uri;
  /** No insecure hop will do. */
  readonly secure: boolean;
}

/** The route set that a message records: in its order for the server side, reversed for the client's (RFC 3261 12.1). */
export function recordedRoutes(message: SipMessage, side: 'client' | 'server'): readonly NameAddr[] | SyntaxFault {
  const routes = message.all(RecordRoute);
  if (routes instanceof SyntaxFault) return routes;
  return side === 'client' ? routes.reverse() : routes;
}

/**
 * Request-URI and Route for a target behind a route set. A strict router on top gets what it expects. What is `sips:` has no
 * hop that is less, whatever the routes were learned as (RFC 5630 5.1.1).
 */
export function addressLines(target: Uri, routeSet: readonly NameAddr[]): AddressLines {
  const routes = isSecure(target) ? routeSet.map(secured) : routeSet;
  const [first, ...rest] = routes;
  if (first === undefined) {
    return { requestUri: targetUri(target).toString(), route: [], ...hop(target, target) };
  }
  if (isLoose(first)) {
    return { requestUri: targetUri(target).toString(), route: routes.map(String), ...hop(first.uri, target) };
  }
  const route = [...rest.map(String), `<${target.toString()}>`];
  return { requestUri: targetUri(first.uri).toString(), route, ...hop(first.uri, target) };
}

function secured(route: NameAddr): NameAddr {
  const { uri } = route;
  return uri instanceof SipUri && uri.scheme !== 'sips' ? route.with({ uri: uri.with({ scheme: 'sips' }) }) : route;
}

/** Whether a router reads Route as RFC 3261 has it: `lr`. */
function isLoose({ uri }: NameAddr): boolean {
  return uri instanceof SipUri && uri.parameters.has('lr');
}

/** A target that is `sips:` is reached by secure hops alone, whatever the routes say (RFC 3261 26.2.2). */
function hop(first: Uri, target: Uri): Pick<AddressLines, 'firstHop' | 'secure'> {
  const secure = isSecure(first) || isSecure(target);
  const firstHop =
    secure && first instanceof SipUri && first.scheme !== 'sips' ? first.with({ scheme: 'sips' }) : first;
  return { firstHop, secure };
}

/** Without what may not stand in a Request-URI (RFC 3261 19.1.1, table 1): a Contact may bring it along. */
export function targetUri(uri: Uri): Uri {
  if (!(uri instanceof SipUri) || !(uri.parameters.has('method') || uri.headers.size > 0)) return uri;
  return uri.with({ parameters: uri.parameters.without('method'), headers: [] });
}

/** Whether the Contact of the server side has to be `sips:` (RFC 3261 12.1.1). */
export function needsSecureContact(request: SipRequest, routeSet: readonly NameAddr[], contact: Uri): boolean {
  const [first] = routeSet;
  return isSecure(request.requestUri) || isSecure(first === undefined ? contact : first.uri);
}
