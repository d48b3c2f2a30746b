import { SyntaxFault } from '../message/fault.ts';
import { Contact } from '../message/headers/contact.ts';
import { Expires } from '../message/headers/expires.ts';
import { Path } from '../message/headers/path.ts';
import { Supported } from '../message/headers/supported.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { SipRequest } from '../message/message.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { ContactRequest } from './contact-request.ts';
import { contactFault, hasTwins, malformedExpires, readContact } from './contact-request.ts';
import { Refusal, tooManyContacts } from './refusal.ts';
import type { RegistrarOptions, RegistrationLimits } from './registrar-options.ts';

/** What a REGISTER asks for. */
type Change =
  | { readonly kind: 'query' }
  | { readonly kind: 'remove-all' }
  | { readonly kind: 'contacts'; readonly contacts: readonly ContactRequest[] };

/** A REGISTER that is checked as far as it can be without the bindings that are there. */
export interface Registration {
  readonly addressOfRecord: string;
  readonly callId: string;
  readonly cseq: number;
  readonly change: Change;
  readonly path: readonly string[];
  /** No proxy stands between the phone and us. */
  readonly direct: boolean;
  /** Outbound processing applied, and the phone knows of it: it is told so (RFC 5626 6). */
  readonly confirmsOutbound: boolean;
  readonly supportsGruu: boolean;
  readonly userAgent: string | undefined;
}

const maximumCallIdLength = 256;
const maximumUserAgentLength = 128;

/** Steps 6 and 7 of RFC 3261 10.3 with RFC 3327 5.3 and RFC 5626 6, as far as the request alone decides them. */
export function readRegistration(
  request: SipRequest,
  addressOfRecord: string,
  limits: RegistrationLimits,
  options: RegistrarOptions,
): Registration | Refusal {
  const supported = new Set(request.rawAll(Supported).map((tag) => tag.toLowerCase()));
  if (request.callId.length > maximumCallIdLength) return new Refusal(400, 'Call-ID Too Long');
  const path = readPath(request, supported.has('path') || options.acceptUnannouncedPath === true, limits);
  if (path instanceof Refusal) return path;
  const asked = request.get(Expires);
  const expires = asked instanceof SyntaxFault ? malformedExpires : asked;
  const values = request.all(Contact);
  if (values instanceof SyntaxFault) return contactFault(values);
  const addresses = values.filter((value) => value !== '*');
  const direct = request.rawAll('Via').length === 1;
  const outbound = appliesOutbound(addresses, supported.has('outbound'), direct || hasOutboundHop(path));
  if (outbound instanceof Refusal) return outbound;
  const change = readChange(values.length, addresses, expires, outbound);
  if (change instanceof Refusal) return change;
  if (change.kind === 'contacts' && isHalfSecure(request, change.contacts, path)) {
    return new Refusal(400, 'Not All URIs Are SIPS');
  }
  return {
    addressOfRecord,
    callId: request.callId,
    cseq: request.cseqNumber,
    change,
    path: path.map(String),
    direct,
    confirmsOutbound: outbound && supported.has('outbound'),
    supportsGruu: supported.has('gruu'),
    userAgent: request.raw('User-Agent')?.slice(0, maximumUserAgentLength),
  };

  function readChange(
    count: number,
    contacts: readonly NameAddr[],
    headerExpires: number | undefined,
    keyed: boolean,
  ): Change | Refusal {
    if (count === 0) return { kind: 'query' };
    if (contacts.length < count) {
      return count === 1 && headerExpires === 0 ? { kind: 'remove-all' } : new Refusal(400, 'Invalid Contact: *');
    }
    // So many cannot fit even if half of them are removals; and each is compared with every other below.
    if (count > 2 * limits.maximumContacts) return tooManyContacts;
    const read: ContactRequest[] = [];
    for (const address of contacts) {
      const contact = readContact(address, headerExpires, addressOfRecord, limits, keyed, options);
      if (contact instanceof Refusal) return contact;
      read.push(contact);
    }
    return contactsFault(read) ?? { kind: 'contacts', contacts: read };
  }
}

/** What is wrong with the contacts together. One flow carries one binding (RFC 5626 6). */
function contactsFault(contacts: readonly ContactRequest[]): Refusal | undefined {
  if (hasTwins(contacts)) return new Refusal(400, 'Contact Comes Twice');
  const added = contacts.filter((contact) => contact.expires > 0);
  if (added.length > 1 && added.some((contact) => contact.regId !== undefined)) {
    return new Refusal(400, 'One Contact with reg-id at a Time');
  }
  return undefined;
}

/** Whether something less than `sips:` leads to a contact that is no less (RFC 5630 5.2). What is removed leads nowhere. */
function isHalfSecure(
  { requestUri }: SipRequest,
  contacts: readonly ContactRequest[],
  path: readonly NameAddr[],
): boolean {
  const uris = contacts.filter(({ expires }) => expires > 0).map(({ uri }) => uri);
  return uris.some(isSecure) && ![requestUri, ...uris, ...path.map(({ uri }) => uri)].every(isSecure);
}

function readPath(request: SipRequest, accepted: boolean, limits: RegistrationLimits): readonly NameAddr[] | Refusal {
  const path = request.all(Path);
  if (path instanceof SyntaxFault) return new Refusal(400, 'Invalid Path');
  if (path.length > 0 && !accepted) return new Refusal(420, undefined, [['Unsupported', 'path']]);
  const length = path.reduce((sum, value) => sum + value.toString().length, 0);
  return length > limits.maximumPathLength ? new Refusal(400, 'Path Too Long') : path;
}

/**
 * Whether the first hop keeps the flow to the phone open. RFC 5626 6 asks for `ob` in the first Path URI; the first
 * hop wrote the last one (RFC 3327 5.2), so it is looked for at both ends.
 */
function hasOutboundHop(path: readonly NameAddr[]): boolean {
  return [path[0], path.at(-1)].some((hop) => hop?.uri instanceof SipUri && hop.uri.parameters.has('ob'));
}

/** RFC 5626 6: a reg-id without an instance is ignored; one over a first hop that knows nothing of flows is refused. */
function appliesOutbound(contacts: readonly NameAddr[], supported: boolean, firstHopDoes: boolean): boolean | Refusal {
  const asks = contacts.some(({ parameters }) => parameters.has('reg-id') && parameters.has('+sip.instance'));
  if (!asks || firstHopDoes) return asks;
  return supported ? new Refusal(439) : false;
}
