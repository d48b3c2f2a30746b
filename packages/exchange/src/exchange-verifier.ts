import { DigestVerifier, FailureThrottle } from '@switchhook/sip';
import type { CredentialStore, SipContext } from '@switchhook/sip';
import type { Configuration } from './config/configuration.ts';
import type { Domains } from './plan/domains.ts';

/** Checks passwords as the configuration asks for them. */
export function makeVerifier(
  context: SipContext,
  { authentication, limits: { authenticationFailures } }: Configuration,
  subscribers: CredentialStore,
  domains: Domains,
): DigestVerifier {
  const throttle = new FailureThrottle(context.clock, {
    freeFailures: authenticationFailures.free,
    maximumDelay: authenticationFailures.longestDelay * 1_000,
  });
  return new DigestVerifier(context, subscribers, {
    algorithms: authentication.algorithms,
    throttle,
    isOurHost: (host) => domains.nameOf(host) !== undefined,
  });
}
