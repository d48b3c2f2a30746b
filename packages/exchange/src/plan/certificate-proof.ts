import { SipUri } from '@switchhook/sip';
import type { Flow } from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import type { Domains, OurAddress } from './domains.ts';

/**
 * Whom the certificate of a connection proves. One that carries a subscriber's address of record, issued by an authority
 * that the operator named, stands for the digest of that subscriber (RFC 3261 26.1 leaves the means to the server).
 * A domain's certificate (RFC 5922) proves no user of it.
 */
export class CertificateProof {
  readonly #domains: Domains;
  readonly #isSubscriber: (user: string, domain: string) => boolean;

  constructor(domains: Domains, isSubscriber: (user: string, domain: string) => boolean) {
    this.#domains = domains;
    this.#isSubscriber = isSubscriber;
  }

  /** The one subscriber whom the far end of a flow has proved to be, whatever it says; undefined for none, or several. */
  owner({ peer }: Flow): Account | undefined {
    const [only, ...others] = (peer?.addresses ?? []).flatMap((text): Account[] => {
      const uri = SipUri.parse(text);
      const { user, domain } = (uri instanceof SipUri ? this.#domains.ours(uri) : undefined) ?? {};
      return user === undefined || domain === undefined || !this.#isSubscriber(user, domain) ? [] : [{ user, domain }];
    });
    return others.length === 0 ? only : undefined;
  }

  /** The subscriber that is claimed, if the far end of the flow has proved to be just that one. */
  prove({ peer }: Flow, { user, domain }: OurAddress): Account | undefined {
    if (peer === undefined || user === undefined || !this.#isSubscriber(user, domain)) return undefined;
    const isThisOne = (text: string): boolean => {
      const uri = SipUri.parse(text);
      const named = uri instanceof SipUri ? this.#domains.ours(uri) : undefined;
      return named?.user === user && named.domain === domain;
    };
    return peer.addresses.some(isThisOne) ? { user, domain } : undefined;
  }
}
