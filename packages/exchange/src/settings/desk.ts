import type { SubscriberSettingsStore } from '../store/subscriber-settings.ts';
import { subscriberKey } from '../subscribers/subscriber.ts';
import type { SettingsBook } from './book.ts';
import { readSettings } from './check.ts';
import type { Neighbourhood, SettingsFault } from './check.ts';
import type { SubscriberSettings } from './schema.ts';

/** What became of a change. */
export type SettingsAnswer =
  | { readonly kind: 'settings'; readonly settings: SubscriberSettings }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly faults: readonly SettingsFault[] };

/** What the desk works with. */
export interface DeskParts extends Pick<Neighbourhood, 'addressOf'> {
  readonly book: SettingsBook;
  readonly store: SubscriberSettingsStore;
  readonly isSubscriber: (user: string, domain: string) => boolean;
  /** Takes up what the store has now. */
  readonly changed: () => void;
}

/** Where settings are changed, whoever asks: checked, kept in the store, and in force with the next call. */
export class SettingsDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get(user: string, domain: string): SettingsAnswer {
    const { book, isSubscriber } = this.#parts;
    if (!isSubscriber(user, domain)) return { kind: 'unknown' };
    return { kind: 'settings', settings: book.settings(subscriberKey(user, domain)) };
  }

  /** Replaces all settings. */
  replace(user: string, domain: string, value: unknown): SettingsAnswer {
    const { book, store, isSubscriber, addressOf, changed } = this.#parts;
    if (!isSubscriber(user, domain)) return { kind: 'unknown' };
    const neighbourhood = { addressOf, settings: (address: string) => book.settings(address) };
    const read = readSettings(value, subscriberKey(user, domain), neighbourhood);
    if (isFaults(read)) return { kind: 'refused', faults: read };
    store.put(domain, user, read);
    changed();
    return { kind: 'settings', settings: read };
  }

  /** Changes some settings, as RFC 7396 merges: null takes one away. */
  merge(user: string, domain: string, patch: unknown): SettingsAnswer {
    const before = this.get(user, domain);
    return before.kind === 'settings' ? this.replace(user, domain, merged(before.settings, patch)) : before;
  }

  /** Takes back what was set: the configuration counts again. */
  reset(user: string, domain: string): SettingsAnswer {
    const { store, isSubscriber, changed } = this.#parts;
    if (!isSubscriber(user, domain)) return { kind: 'unknown' };
    store.remove(domain, user);
    changed();
    return this.get(user, domain);
  }
}

function isFaults(read: SubscriberSettings | readonly SettingsFault[]): read is readonly SettingsFault[] {
  return Array.isArray(read);
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch;
  const result = new Map(isPlain(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    const next = value === null ? undefined : merged(result.get(key), value);
    // A section that lost its last setting is none.
    if (next === undefined || (isPlain(next) && Object.keys(next).length === 0)) result.delete(key);
    else result.set(key, next);
  }
  return Object.fromEntries(result);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
