import type { EmbeddedExchangeOptions } from '@switchhook/exchange';
import type { ExchangeSetting } from '../flow/flow-script.ts';
import type { Cast } from './cast.ts';

/** Who has a password at the exchange, and what it is set to do for him. */
export function accountsOf(
  { accounts }: Cast,
  { settings = {}, gateways, servers }: ExchangeSetting,
): Pick<EmbeddedExchangeOptions, 'subscribers' | 'gateways' | 'servers'> {
  return {
    subscribers: accounts.map(({ element, user, domain }) => {
      const own = settings[element];
      return { user, domain, password: `${user}-secret`, ...(own !== undefined && { settings: own }) };
    }),
    ...(gateways !== undefined && { gateways }),
    ...(servers !== undefined && { servers }),
  };
}
