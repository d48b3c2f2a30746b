import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { Event } from '../message/headers/event.ts';
import { Join } from '../message/headers/join.ts';
import { Replaces } from '../message/headers/replaces.ts';
import { Require } from '../message/headers/require.ts';
import { Warning } from '../message/headers/warning.ts';
import type { SipRequest } from '../message/message.ts';
import { knownMethods } from '../message/methods.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { inspectBody } from './body-inspection.ts';
import type { Capabilities } from './capabilities.ts';

/** The answer to a request that is not taken. */
export interface Refused {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderInit[];
}

const eventMethods: ReadonlySet<string> = new Set(['SUBSCRIBE', 'PUBLISH']);

/** The method inspection of RFC 3261 8.2.1: 405 for one that is known, 501 for one that nobody has heard of. */
export function inspectMethod({ method }: SipRequest, capabilities: Capabilities): Refused | undefined {
  if (capabilities.takers(method).length > 0) return undefined;
  const isKnown = knownMethods.some((known) => known === method);
  return { status: isKnown ? 405 : 501, headers: capabilities.header('Allow') };
}

/**
 * Whom it is for (RFC 3261 8.2.2.1): 416 for a scheme that is not SIP's, 404 for somebody else; and 480 for `sips:` that has come
 * by a hop that is less, for nobody could answer it with a Contact that is reached (RFC 5630 5.1.2).
 */
export function inspectTarget(
  { request: { requestUri }, flow }: Pick<ServerTransaction, 'request' | 'flow'>,
  isOurs: (uri: SipUri) => boolean,
): Refused | undefined {
  if (!(requestUri instanceof SipUri)) return { status: requestUri instanceof SyntaxFault ? requestUri.status : 416 };
  if (!isOurs(requestUri)) return { status: 404 };
  if (flow.secure || !isSecure(requestUri)) return undefined;
  const warning = headerField(Warning, { code: 380, agent: flow.sentBy, text: 'SIPS Not Allowed' });
  return { status: 480, headers: [warning] };
}

/** Header fields that only an INVITE outside of a dialog may have (RFC 3891 3, RFC 3911 4), and their option tags. */
const claims = [
  [Replaces, 'replaces'],
  [Join, 'join'],
] as const;

/** A claim to a dialog in a request that cannot make one is a contradiction, where claims are known at all. */
function inspectClaims(request: SipRequest, capabilities: Capabilities): Refused | undefined {
  if (request.method === 'INVITE' && request.toTag === undefined) return undefined;
  const found = claims.find(([header, tag]) => request.has(header) && capabilities.extensions.includes(tag));
  return found === undefined ? undefined : { status: 400, reason: `${found[0].name} Not Allowed Here` };
}

/** Require, the body, the event package (RFC 3261 8.2.2.3 and 8.2.3, RFC 6665 4.2.1.2). */
export function inspectContent(request: SipRequest, capabilities: Capabilities): Refused | undefined {
  return (
    inspectRequire(request, capabilities) ??
    inspectClaims(request, capabilities) ??
    inspectEvent(request, capabilities) ??
    inspectBody(request, capabilities)
  );
}

function inspectRequire(request: SipRequest, capabilities: Capabilities): Refused | undefined {
  if (!request.has(Require)) return undefined;
  const unsupported = request.rawAll(Require).filter((tag) => !capabilities.extensions.includes(tag.toLowerCase()));
  if (unsupported.length === 0) return undefined;
  return { status: 420, headers: [['Unsupported', unsupported.join(', ')]] };
}

function inspectEvent(request: SipRequest, capabilities: Capabilities): Refused | undefined {
  if (!eventMethods.has(request.method)) return undefined;
  const event = request.get(Event);
  // A SUBSCRIBE without Event means the oldest of them, which nobody has any more (RFC 6665 7.2.1 wants one).
  if (event !== undefined && !(event instanceof SyntaxFault) && capabilities.events.includes(event.type))
    return undefined;
  return { status: 489, headers: capabilities.header('Allow-Events') };
}
