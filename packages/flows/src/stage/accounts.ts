import type { EmbeddedExchangeOptions } from '@switchhook/exchange';
import type { ExchangeSetting } from '../flow/flow-script.ts';
import type { Cast, Part } from './cast.ts';

/** Who has a password at an exchange, and what it is set to do. */
export function accountsOf(
  cast: Cast,
  exchange: Part,
  { settings = {}, gateways, servers: ownServers, machines = {} }: ExchangeSetting,
): Pick<EmbeddedExchangeOptions, 'subscribers' | 'gateways' | 'servers'> {
  const servers = machines[exchange.element] ?? ownServers;
  return {
    subscribers: cast.accountsAt(exchange).map(({ element, user, domain }) => {
      const own = settings[element];
      return { user, domain, password: `${user}-secret`, ...(own !== undefined && { settings: own }) };
    }),
    ...(gateways !== undefined && { gateways }),
    ...(servers !== undefined && { servers }),
  };
}
