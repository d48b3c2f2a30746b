import { SyntaxFault } from '../message/fault.ts';
import { Contact } from '../message/headers/contact.ts';
import type { SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import type { Target } from './call-plan.ts';

/** What a 3xx gives to try next. */
export interface Redirection {
  /** New targets, grouped by q, best first. */
  readonly groups: readonly (readonly Target[])[];
  /** The response without the contacts that are tried; undefined when none is left (RFC 3261 16.7 step 4). */
  readonly rest: SipResponse | undefined;
}

/** 305 names a proxy and 380 another service: those are the caller's to follow. */
export function isRecursible(status: number): boolean {
  return status === 300 || status === 301 || status === 302;
}

/** The addresses that a redirection names, the most preferred first; those that cannot be read are left out. */
export function contactsOf(response: SipResponse): readonly NameAddr[] {
  return response
    .rawAll('Contact')
    .map((value) => Contact.parse(value))
    .filter((contact) => contact instanceof NameAddr)
    .toSorted((one, other) => preference(other.parameters.get('q')) - preference(one.parameters.get('q')));
}

/** Takes at most `limit` contacts of the scheme that was called and that `tried` does not know. */
export function recurse(
  response: SipResponse,
  scheme: 'sip' | 'sips',
  tried: (uri: SipUri) => boolean,
  limit: number,
): Redirection {
  const byQ = new Map<number, Target[]>();
  const chosen: SipUri[] = [];
  const left: string[] = [];
  for (const value of response.rawAll('Contact')) {
    const contact = Contact.parse(value);
    const uri = contact instanceof SyntaxFault || contact === '*' ? undefined : contact.uri;
    // A sips: call stays secure, and a sip: one is not passed off as secure (RFC 5630 5.3).
    if (contact instanceof SyntaxFault || contact === '*' || !(uri instanceof SipUri) || uri.scheme !== scheme) {
      left.push(value);
      continue;
    }
    if (tried(uri) || chosen.some((each) => each.equals(uri))) continue;
    if (chosen.length >= limit) {
      left.push(value);
      continue;
    }
    chosen.push(uri);
    const q = preference(contact.parameters.get('q'));
    const group = byQ.get(q);
    if (group === undefined) byQ.set(q, [{ uri }]);
    else group.push({ uri });
  }
  const groups = [...byQ].sort(([one], [other]) => other - one).map(([, targets]) => targets);
  if (groups.length === 0) return { groups, rest: response };
  return { groups, rest: left.length === 0 ? undefined : withContacts(response, left) };
}

/** A q parameter as a number; 1 when absent or malformed (RFC 3261 20.10 leaves the default open). */
function preference(q: string | undefined): number {
  const value = q === undefined ? 1 : Number(q);
  return value >= 0 && value <= 1 ? value : 1;
}

function withContacts(response: SipResponse, contacts: readonly string[]): SipResponse {
  return response.edit().set('Contact', contacts.join(', ')).toMessage();
}
