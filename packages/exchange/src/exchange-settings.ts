import { parseUri } from '@switchhook/sip';
import type { Clock } from '@switchhook/sip';
import { ApiAccess } from './admin/api-access.ts';
import type { SettingsApiSource } from './admin/settings-api.ts';
import type { Domains } from './plan/domains.ts';
import type { ExchangePolicy } from './plan/policy.ts';
import type { Servers } from './servers/servers.ts';
import type { SettingsDesk } from './settings/desk.ts';
import { readDestination } from './settings/destination.ts';
import type { SubscriberDirectory } from './subscribers/directory.ts';

/** Where settings are kept, and where what comes of them is known. */
export interface SettingsSources {
  readonly clock: Clock;
  readonly subscribers: SubscriberDirectory;
  readonly domains: Domains;
  /** The domain of whoever is named without one. */
  readonly firstDomain: string;
  readonly desk: SettingsDesk;
  readonly policy: Pick<ExchangePolicy, 'explain'>;
  readonly servers: Pick<Servers, 'codes'>;
}

/** Settings and explanations for the API. */
export function exchangeSettings(sources: SettingsSources): SettingsApiSource {
  const { clock, subscribers, domains, firstDomain, desk, policy, servers } = sources;
  const access = new ApiAccess(clock, subscribers, domains, firstDomain);
  return {
    identify: (authorization, token) => access.identify(authorization, token),
    subscriberOf: (address) => access.subscriberOf(address),
    get: (user, domain) => desk.get(user, domain),
    replace: (user, domain, value) => desk.replace(user, domain, value),
    merge: (user, domain, patch) => desk.merge(user, domain, patch),
    reset: (user, domain) => desk.reset(user, domain),
    explain: async (from, to, at) => {
      const { user, domain } = access.subscriberOf(from);
      const caller = subscribers.has(user, domain) ? { user, domain } : undefined;
      const target = /^urn:/i.test(to) ? parseUri(to) : readDestination(to, firstDomain);
      const sentences = await policy.explain(caller, target, at);
      if (caller !== undefined || sentences === undefined) return sentences;
      return ['no subscriber calls, but somebody who has not proved who he is', ...sentences];
    },
    codes: () => servers.codes(),
  };
}
