import { isIpv4 } from '../message/host.ts';
import { scanNumber } from '../message/characters.ts';
import type { SyntaxFault } from '../message/fault.ts';
import { KnownParameters } from '../message/headers/shapes/known-parameters.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import { leadsBack, Refusal } from './refusal.ts';
import type { RegistrarOptions, RegistrationLimits } from './registrar-options.ts';

/** One Contact value of a REGISTER, checked by itself. */
export interface ContactRequest {
  readonly uri: SipUri;
  /** What is left when the registrar's own parameters are taken out. */
  readonly parameters: string;
  readonly q: number;
  readonly instanceId: string | undefined;
  readonly regId: number | undefined;
  /** The seconds granted; 0 removes the binding. */
  readonly expires: number;
}

type ContactOptions = Pick<RegistrarOptions, 'findAddressOfRecord' | 'isOurs'>;

/** The largest reg-id (RFC 5626 4.2.1). */
const maximumRegId = 2 ** 31 - 1;

/** What a malformed expiry counts as, in the parameter and in the header field (RFC 3261 20.10, RFC 4475 3.1.2.4). */
export const malformedExpires = 3_600;

/**
 * Reads one Contact value. `headerExpires` is the Expires header field of the request; `outbound` says whether a reg-id beside an
 * instance counts (RFC 5626 6).
 */
export function readContact(
  contact: NameAddr,
  headerExpires: number | undefined,
  addressOfRecord: string,
  limits: RegistrationLimits,
  outbound: boolean,
  options: ContactOptions,
): ContactRequest | Refusal {
  if (contact.toString().length > limits.maximumContactLength) return new Refusal(400, 'Contact Too Long');
  const known = new KnownParameters(contact.parameters);
  const q = known.quality() ?? 1;
  const regId = known.integer('reg-id', maximumRegId);
  const instanceId = known.text('+sip.instance')?.replace(/^<|>$/g, '') || undefined;
  const wish = wishedExpires(known.text('expires'), headerExpires, limits);
  known.text('pub-gruu');
  known.text('temp-gruu');
  if (known.fault !== undefined) return contactFault(known.fault);
  if (regId === 0) return new Refusal(400, 'Invalid Contact: reg-id begins with 1');
  const expires = grantedExpires(wish, limits);
  if (expires instanceof Refusal) return expires;
  const uri = contact.uri;
  if (!(uri instanceof SipUri)) return new Refusal(403, 'Contact Is Not a SIP URI');
  // What leads nowhere may still be removed: it could have come in under other rules.
  if (expires > 0 && !isReachable(uri)) return new Refusal(403, 'Contact Is Not Routable');
  const overFlow = outbound && regId !== undefined && instanceId !== undefined;
  if (expires > 0 && isOwnAddress(uri, addressOfRecord, overFlow, options)) return leadsBack;
  return {
    uri,
    parameters: known.rest.toString(),
    q,
    instanceId,
    regId: overFlow ? regId : undefined,
    expires,
  };
}

/** RFC 3261 10.3 step 7: the parameter before the header field before the default. */
function wishedExpires(parameter: string | undefined, header: number | undefined, limits: RegistrationLimits): number {
  if (parameter === undefined) return header ?? limits.defaultExpires;
  const value = scanNumber(parameter, 0, parameter.length, Number.MAX_SAFE_INTEGER);
  return value < 0 ? malformedExpires : value;
}

/** Only wishes under an hour may be too brief (RFC 3261 10.3 step 7). */
function grantedExpires(wish: number, limits: RegistrationLimits): number | Refusal {
  if (wish > 0 && wish < 3_600 && wish < limits.minimumExpires) {
    return new Refusal(423, undefined, [['Min-Expires', String(limits.minimumExpires)]]);
  }
  return Math.min(wish, limits.maximumExpires);
}

/**
 * Whether a request for the contact would come back: it is the address of record itself, under whichever name of ours,
 * or its public GRUU, or we are its host. What is reached over its flow alone never comes back, whatever its host: a phone that
 * only opens connections names its machine, and that may be this one.
 */
function isOwnAddress(uri: SipUri, addressOfRecord: string, overFlow: boolean, options: ContactOptions): boolean {
  if (uri.addressOfRecord === addressOfRecord) return true;
  if (!overFlow && options.isOurs(uri.destinationHost, uri.port)) return true;
  // An address without a port is the phone that shares ours, not another name of the domain.
  return !uri.isNumericHost && options.findAddressOfRecord(uri) === addressOfRecord;
}

/** No one host answers at an unspecified, broadcast or multicast address. */
function isReachable({ destinationHost: host, port }: SipUri): boolean {
  if (port === 0) return false;
  const mapped = /^::ffff:(\d.*\..*)$/.exec(host)?.[1];
  if (host.includes(':') && mapped === undefined) return !/^[0:]*$/.test(host) && !/^ff[0-9a-f]{2}:/.test(host);
  const address = mapped ?? host;
  if (!isIpv4(address)) return true;
  const first = Number.parseInt(address, 10);
  return first !== 0 && first < 224;
}

/** Whether two of the contacts of one request mean the same binding, so that their order would decide. */
export function hasTwins(contacts: readonly ContactRequest[]): boolean {
  return contacts.some((one, index) => contacts.slice(index + 1).some((other) => areTwins(one, other)));
}

function areTwins(one: ContactRequest, other: ContactRequest): boolean {
  if (one.regId !== other.regId) return false;
  return one.regId === undefined ? one.uri.equals(other.uri) : one.instanceId === other.instanceId;
}

/** A fault in the text of a Contact, as a response. */
export function contactFault(fault: SyntaxFault): Refusal {
  return new Refusal(400, `Invalid Contact: ${fault.reason}`);
}
