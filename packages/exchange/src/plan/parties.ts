import { SipUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { Caller } from './access.ts';
import type { OurAddress } from './domains.ts';
import { numberOf } from './gateways.ts';
import type { Party } from './pattern.ts';

const nobody: Party = { address: undefined, number: undefined };

/** A caller as he has proved to be; what From says counts for nothing. */
export function partyOfCaller(caller: Caller): Party {
  if (caller.kind !== 'subscriber') return nobody;
  const { user, domain } = caller;
  return { address: `${user}@${domain}`, number: /^\+?\d+$/.test(user) ? user : undefined };
}

/** Somebody who is called, by the address that the call goes to. */
export function partyAt(uri: Uri, address: OurAddress | undefined): Party {
  if (address !== undefined)
    return { address: `${address.user ?? ''}@${address.domain}`, number: numberOf(uri, address) };
  if (!(uri instanceof SipUri)) return { address: undefined, number: numberOf(uri, undefined) };
  const isNumber = uri.parameters.get('user') === 'phone';
  return { address: `${uri.user ?? ''}@${uri.host}`, number: isNumber ? uri.user?.replace(/[-.() ]/g, '') : undefined };
}
