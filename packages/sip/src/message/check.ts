import { SyntaxFault } from './fault.ts';
import type { HeaderType } from './header.ts';
import { Accept } from './headers/accept.ts';
import { Allow } from './headers/allow.ts';
import { Authorization } from './headers/authorization.ts';
import { Contact } from './headers/contact.ts';
import { ContentDisposition } from './headers/content-disposition.ts';
import { ContentEncoding } from './headers/content-encoding.ts';
import { ContentType } from './headers/content-type.ts';
import { Event } from './headers/event.ts';
import { From } from './headers/from.ts';
import { Join } from './headers/join.ts';
import { MaxBreadth } from './headers/max-breadth.ts';
import { MinSE } from './headers/min-se.ts';
import { Path } from './headers/path.ts';
import { ProxyAuthorization } from './headers/proxy-authorization.ts';
import { ProxyRequire } from './headers/proxy-require.ts';
import { RAck } from './headers/rack.ts';
import { RecordRoute } from './headers/record-route.ts';
import { ReferSub } from './headers/refer-sub.ts';
import { ReferTo } from './headers/refer-to.ts';
import { Replaces } from './headers/replaces.ts';
import { Require } from './headers/require.ts';
import { Route } from './headers/route.ts';
import { SessionExpires } from './headers/session-expires.ts';
import { Supported } from './headers/supported.ts';
import { To } from './headers/to.ts';
import { Via } from './headers/via.ts';
import type { SipRequest } from './message.ts';

/** What a proxy reads; it may not mind faults elsewhere (RFC 3261 16.3 step 1). */
export const proxyHeaderTypes: readonly HeaderType<unknown>[] = [
  ...[Via, From, To, Route, RecordRoute, MaxBreadth],
  ...[ProxyRequire, ProxyAuthorization],
];

/**
 * What a user agent server or registrar acts upon. Header fields that only inform people (Date, Subject, User-Agent)
 * are not among them: their faults are no reason to lose a call (RFC 4475 3.1.2.12). Nor is Expires, which has a
 * default (RFC 4475 3.1.2.4), nor Target-Dialog, which is to be ignored then (RFC 4538 4).
 */
export const serverHeaderTypes: readonly HeaderType<unknown>[] = [
  ...[Via, From, To, Contact, Route, RecordRoute, Path, ReferTo],
  ...[Require, Supported, Allow, ContentEncoding],
  ...[Accept, ContentType, ContentDisposition, Event, SessionExpires, MinSE],
  ...[Replaces, Join, RAck, ReferSub],
  ...[Authorization, ProxyAuthorization],
];

/** Header fields of one value each that may stand in a message more than once. */
const repeatable: ReadonlySet<HeaderType<unknown>> = new Set<HeaderType<unknown>>([Authorization, ProxyAuthorization]);

/**
 * Looks into a request deeper than `parseMessage` does, before an element acts on it: the Request-URI, and every value
 * of the given header fields. Returns the first fault, to be answered with its status.
 */
export function checkRequest(
  request: SipRequest,
  types: readonly HeaderType<unknown>[] = serverHeaderTypes,
): SyntaxFault | undefined {
  const uri = request.requestUri;
  if (uri instanceof SyntaxFault) return new SyntaxFault(`Request-URI: ${uri.reason}`, uri.offset);
  for (const type of types) {
    if (!request.has(type)) continue;
    const values = request.all(type);
    if (values instanceof SyntaxFault) return new SyntaxFault(`${type.name}: ${values.reason}`, values.offset);
    if (!type.list && values.length > 1 && !repeatable.has(type)) return new SyntaxFault(`more than one ${type.name}`);
  }
  return undefined;
}
