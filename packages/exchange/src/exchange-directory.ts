import type { Binding, Flow } from '@switchhook/sip';
import type { Group } from './config/configuration.ts';
import type { Directory } from './plan/route.ts';
import type { SqliteLocationService } from './store/location.ts';
import type { SubscriberDirectory } from './subscribers/directory.ts';
import { addressOfRecord, subscriberKey } from './subscribers/subscriber.ts';

/** The world as routing sees it: subscribers, groups, bindings, flows. */
export class ExchangeDirectory implements Directory {
  readonly #subscribers: SubscriberDirectory;
  readonly #location: SqliteLocationService;
  readonly #findFlow: (id: number) => Flow | undefined;
  #groups = new Map<string, Group>();

  constructor(
    subscribers: SubscriberDirectory,
    location: SqliteLocationService,
    findFlow: (id: number) => Flow | undefined,
  ) {
    this.#subscribers = subscribers;
    this.#location = location;
    this.#findFlow = findFlow;
  }

  loadGroups(groups: readonly Group[]): void {
    this.#groups = new Map(groups.map((group) => [subscriberKey(group.user, group.domain), group]));
  }

  isSubscriber(user: string, domain: string): boolean {
    return this.#subscribers.has(user, domain);
  }

  group(user: string, domain: string): Group | undefined {
    return this.#groups.size === 0 ? undefined : this.#groups.get(subscriberKey(user, domain));
  }

  bindings(user: string, domain: string): readonly Binding[] {
    return this.#location.bindings(addressOfRecord(user, domain));
  }

  flow(id: number): Flow | undefined {
    return this.#findFlow(id);
  }
}
