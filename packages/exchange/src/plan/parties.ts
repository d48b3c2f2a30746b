import { canonicalHost, SipUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { Caller } from './access.ts';
import type { OurAddress } from './domains.ts';
import { numberOf } from './gateways.ts';
import type { EmergencyNumbers } from './gateways.ts';
import type { Party } from './pattern.ts';

/** What is known of numbers. */
export interface Numbers extends EmergencyNumbers {
  /** Whether an address is at one of our gateways, where users are numbers. */
  isAtGateway(uri: SipUri): boolean;
  /** What else gateways know a number as. */
  spellings(number: string): readonly string[];
}

const nobody: Party = { address: undefined, number: undefined };

/** A caller as he has proved to be; what From says counts for nothing. */
export function partyOfCaller(caller: Caller): Party {
  if (caller.kind !== 'subscriber') return nobody;
  const { user, domain } = caller;
  return { address: `${user}@${domain}`, number: /^\+?\d+$/.test(user) ? user : undefined };
}

/**
 * Somebody who is called, by the address that the call goes to. Whom that means, another domain alone knows: it may take a
 * number for one without `user=phone`, cut off what stands behind a semicolon, and not tell `BOB` from `bob`.
 */
export function partyAt(uri: Uri, address: OurAddress | undefined, numbers: Numbers): Party {
  if (address !== undefined || !(uri instanceof SipUri)) {
    const number = numberOf(uri, address, numbers);
    return {
      address: address && `${address.user ?? ''}@${address.domain}`,
      number,
      ...(number !== undefined && { byways: { addresses: [], numbers: numbers.spellings(number) } }),
    };
  }
  const { user = '' } = uri;
  const maddr = uri.parameters.get('maddr');
  // A maddr says where the request goes (RFC 3261 19.1.1).
  const hosts = [maddr ?? uri.host, uri.host].map((host) => canonicalHost(host.toLowerCase()));
  const [plain = ''] = user.split(';', 1);
  const digits = plain.replace(/[-.() ]/g, '');
  const isNumber = /^\+?[\d*#]+$/.test(digits);
  return {
    address: `${user}@${hosts[0] ?? ''}`,
    number: isNumber && numbers.isAtGateway(uri) ? digits : undefined,
    byways: {
      addresses: hosts.flatMap((host) => [user, plain].map((each) => `${each}@${host}`.toLowerCase())),
      numbers: isNumber ? [digits, ...numbers.spellings(digits)] : [],
    },
  };
}
