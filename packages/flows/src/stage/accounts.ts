import type { EmbeddedExchangeOptions } from '@switchhook/exchange';
import type { ExchangeSetting } from '../flow/flow-script.ts';
import type { Cast, Part } from './cast.ts';

/** Who has a password at an exchange, and what it is set to do. */
export function accountsOf(
  cast: Cast,
  exchange: Part,
  { settings = {}, gateways, servers: ownServers, machines = {} }: ExchangeSetting,
  passwordOf: (user: string) => string = defaultPassword,
): Pick<EmbeddedExchangeOptions, 'subscribers' | 'gateways' | 'servers'> {
  const servers = machines[exchange.element] ?? ownServers;
  return {
    subscribers: cast.accountsAt(exchange).map(({ element, user, domain }) => {
      const own = settings[element];
      return { user, domain, password: passwordOf(user), ...(own !== undefined && { settings: own }) };
    }),
    ...(gateways !== undefined && { gateways }),
    ...(servers !== undefined && { servers }),
  };
}

/** The password of somebody who has been given none. */
export function defaultPassword(user: string): string {
  return `${user}-secret`;
}
