import { Contact } from '../message/headers/contact.ts';
import type { SipResponse } from '../message/message.ts';
import { understoodStatus } from '../message/status-codes.ts';
import { NameAddr } from '../message/name-addr.ts';
import type { InviteFailure, RefusalCause } from './session-contract.ts';

const causes: Readonly<Record<number, RefusalCause>> = {
  401: 'unauthorized',
  403: 'declined',
  404: 'not-found',
  407: 'unauthorized',
  408: 'unavailable',
  410: 'not-found',
  415: 'not-acceptable',
  416: 'not-found',
  430: 'unavailable',
  433: 'declined',
  480: 'unavailable',
  484: 'not-found',
  485: 'not-found',
  486: 'busy',
  488: 'not-acceptable',
  503: 'unavailable',
  600: 'busy',
  603: 'declined',
  604: 'not-found',
  606: 'not-acceptable',
  607: 'declined',
  608: 'declined',
};

/**
 * What the final response means to who called (RFC 3261 21.4 to 21.6, RFC 8197, RFC 8688); one that nobody has registered what
 * the first of its class does (RFC 3261 8.1.3.2).
 */
export function refusalCause(status: number): RefusalCause {
  return causes[understoodStatus(status)] ?? 'failed';
}

/** What a 3xx to 6xx to an INVITE comes to. */
export function failureOf(response: SipResponse): InviteFailure {
  if (response.status >= 400) return { kind: 'refused', cause: refusalCause(response.status), response };
  const contacts = response.rawAll(Contact).map((text) => Contact.parse(text));
  return { kind: 'redirected', response, contacts: contacts.filter((contact) => contact instanceof NameAddr) };
}
