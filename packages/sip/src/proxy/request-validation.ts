import { SyntaxFault } from '../message/fault.ts';
import { MaxForwards } from '../message/headers/max-forwards.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import { OpaqueUri } from '../message/uri.ts';

/** A failure found before anything was decided (RFC 3261 16.3). */
export interface InvalidRequest {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderInit[];
}

/** The checks of RFC 3261 16.3 that need no configuration but the option tags: syntax, scheme, Proxy-Require. */
export function validateRequest(request: SipRequest, extensions: ReadonlySet<string>): InvalidRequest | undefined {
  const uri = request.requestUri;
  if (uri instanceof SyntaxFault) return { status: uri.status };
  if (uri instanceof OpaqueUri) return { status: 416 };
  if (request.has('Proxy-Require')) {
    const unsupported = request.rawAll('Proxy-Require').filter((tag) => !extensions.has(tag.toLowerCase()));
    if (unsupported.length > 0) return { status: 420, headers: [['Unsupported', unsupported.join(', ')]] };
  }
  return undefined;
}

/** Hops that are left to a request, this one included; 70 more for one that does not count them (16.6 step 3). */
export function hopsLeft(request: SipRequest): number | SyntaxFault {
  return request.get(MaxForwards) ?? 71;
}
