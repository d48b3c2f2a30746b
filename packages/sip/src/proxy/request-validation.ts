import { SyntaxFault } from '../message/fault.ts';
import { MaxBreadth } from '../message/headers/max-breadth.ts';
import { MaxForwards } from '../message/headers/max-forwards.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import { OpaqueUri } from '../message/uri.ts';
import { reasonPhrase } from '../message/status-codes.ts';

/** A failure found before anything was decided (RFC 3261 16.3). */
export interface InvalidRequest {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderInit[];
}

/**
 * The checks of RFC 3261 16.3 that need no configuration but the option tags: syntax, scheme, Proxy-Require. Of schemes that are
 * not looked into, whoever can tell an emergency understands that one.
 */
export function validateRequest(
  request: SipRequest,
  extensions: ReadonlySet<string>,
  isEmergency: (request: SipRequest) => boolean,
): InvalidRequest | undefined {
  const uri = request.requestUri;
  if (uri instanceof SyntaxFault) return unreadable('Request-URI', uri);
  if (uri instanceof OpaqueUri && !isEmergency(request)) return { status: 416 };
  if (request.has('Proxy-Require')) {
    const unsupported = request.rawAll('Proxy-Require').filter((tag) => !extensions.has(tag.toLowerCase()));
    if (unsupported.length > 0) return { status: 420, headers: [['Unsupported', unsupported.join(', ')]] };
  }
  return undefined;
}

/** What cannot be read, and why: the sender has to find it. */
export function unreadable(what: string, { status, reason }: SyntaxFault): InvalidRequest {
  return { status, reason: `${reasonPhrase(status)} (${what}: ${reason})` };
}

/** How many branches a request may have at a time (RFC 5393 5.3.3), or why that cannot be said. */
export function breadthOf(request: SipRequest, maximum: number): number | InvalidRequest {
  const received = request.get(MaxBreadth) ?? maximum;
  if (received instanceof SyntaxFault) return unreadable('Max-Breadth', received);
  return received === 0 ? { status: 400, reason: 'Bad Request (Max-Breadth: 0)' } : Math.min(received, maximum);
}

/** Hops that are left to a request, this one included; 70 more for one that does not count them (16.6 step 3). */
export function hopsLeft(request: SipRequest): number | SyntaxFault {
  return request.get(MaxForwards) ?? 71;
}
