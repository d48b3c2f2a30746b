import { timingSafeEqual } from 'node:crypto';
import { FailureThrottle } from '@switchhook/sip';
import type { Clock } from '@switchhook/sip';
import { hashPassword } from '../subscribers/subscriber.ts';
import type { SubscriberDirectory } from '../subscribers/directory.ts';
import type { ApiUser, Blocked } from './settings-api.ts';
import type { Domains } from '../plan/domains.ts';
import { isAuthorized } from './token.ts';

/** All who use the API come from this machine: whom they say they are is what is slowed down. */
const source = 'api';

/** Decides who uses the API, by the token of the data folder or by a subscriber's password. */
export class ApiAccess {
  readonly #subscribers: SubscriberDirectory;
  readonly #domains: Pick<Domains, 'nameOf'>;
  readonly #firstDomain: string;
  readonly #throttle: FailureThrottle;

  constructor(clock: Clock, subscribers: SubscriberDirectory, domains: Pick<Domains, 'nameOf'>, firstDomain: string) {
    this.#subscribers = subscribers;
    this.#domains = domains;
    this.#firstDomain = firstDomain;
    this.#throttle = new FailureThrottle(clock, { freeFailuresOfSource: 1_000 });
  }

  /** `alice`, or `alice@example.com`, by whatever name of the domain. */
  subscriberOf(address: string): { readonly user: string; readonly domain: string } {
    const at = address.lastIndexOf('@');
    if (at < 0) return { user: address, domain: this.#firstDomain };
    const host = address.slice(at + 1).toLowerCase();
    return { user: address.slice(0, at), domain: this.#domains.nameOf(host) ?? host };
  }

  identify(authorization: string | undefined, token: string): ApiUser | Blocked | undefined {
    if (isAuthorized(authorization, token)) return { kind: 'administrator' };
    const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '')?.[1];
    if (encoded === undefined) return undefined;
    const [, address, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    if (address === undefined || password === undefined) return undefined;
    const { user, domain } = this.subscriberOf(address);
    const name = `${user}@${domain}`;
    const blockedFor = this.#throttle.blockedFor(source, name);
    if (blockedFor > 0) return { kind: 'blocked', seconds: Math.ceil(blockedFor / 1_000) };
    if (!this.#isPassword(user, domain, password)) {
      this.#throttle.failed(source, name);
      return undefined;
    }
    this.#throttle.succeeded(source, name);
    return { kind: 'subscriber', user, domain };
  }

  #isPassword(user: string, domain: string, password: string): boolean {
    const known = this.#subscribers.find(domain, user)?.ha1 ?? {};
    const given = hashPassword(user, domain, password);
    const algorithm = (['SHA-512-256', 'SHA-256', 'MD5'] as const).find((each) => known[each] !== undefined);
    if (algorithm === undefined) return false;
    const [one, other] = [Buffer.from(known[algorithm] ?? ''), Buffer.from(given[algorithm])];
    return one.length === other.length && timingSafeEqual(one, other);
  }
}
