import type { Credentials, CredentialStore } from '@switchhook/sip';
import type { Subscriber } from './subscriber.ts';
import { subscriberKey } from './subscriber.ts';

/**
 * Everybody with an address of record here: those of the configuration and those of the store, in memory.
 * Who is in both has the credentials that the configuration gives.
 */
export class SubscriberDirectory implements CredentialStore {
  #subscribers = new Map<string, Subscriber>();
  #decoys: readonly Subscriber[] = [];

  /** Replaces everybody. */
  load(configured: readonly Subscriber[], stored: readonly Subscriber[]): void {
    const subscribers = new Map<string, Subscriber>();
    for (const subscriber of [...stored, ...configured]) {
      subscribers.set(subscriberKey(subscriber.user, subscriber.domain), subscriber);
    }
    this.#subscribers = subscribers;
    this.#decoys = [...subscribers.values()];
  }

  get size(): number {
    return this.#subscribers.size;
  }

  all(): Subscriber[] {
    return [...this.#subscribers.values()];
  }

  has(user: string, domain: string): boolean {
    return this.#subscribers.has(subscriberKey(user, domain));
  }

  /** The realm is the domain's name. */
  find(realm: string, username: string): Credentials | undefined {
    const subscriber = this.#subscribers.get(subscriberKey(username, realm));
    return subscriber === undefined ? undefined : { username, ha1: subscriber.credentials };
  }

  decoy(_realm: string, username: string): Credentials | undefined {
    let place = 0;
    for (let index = 0; index < username.length; index += 1) place = (place * 31 + username.charCodeAt(index)) >>> 0;
    const decoy = this.#decoys[place % this.#decoys.length];
    return decoy === undefined ? undefined : { username, ha1: decoy.credentials };
  }
}
