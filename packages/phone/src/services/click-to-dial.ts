import { NameAddr, referTo } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { failureOfRequest, failureOfResponse } from '../failure.ts';
import type { Failure } from '../failure.ts';
import type { ServiceHost } from '../service-host.ts';

/**
 * Has another phone call somebody (RFC 5359 2.18): `device` is an address that leads to that one phone alone. It is asked
 * for no reports. Undefined when it has taken it on; whether it calls, its person decides.
 */
export async function dialWith(host: ServiceHost, device: Uri, target: Uri): Promise<Failure | undefined> {
  const referral = host.referrals.refer({
    target: device,
    referTo: referTo(target),
    referredBy: NameAddr.of({ uri: host.home }),
    subscribe: false,
  });
  return new Promise((resolve) => {
    // A phone that reports all the same may do so; nobody listens.
    referral.listen((event) => {
      if (event.kind === 'accepted') resolve(undefined);
      else if (event.kind === 'ended') {
        const { outcome } = event;
        if (outcome.kind === 'refused') resolve(failureOfResponse(outcome.response));
        else resolve(outcome.kind === 'unreachable' ? failureOfRequest(outcome.failure) : undefined);
      }
    });
  });
}
