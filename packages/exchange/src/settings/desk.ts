import { SyntaxFault } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { Screen } from '../plan/screening.ts';
import type { SubscriberSettingsStore } from '../store/subscriber-settings.ts';
import { subscriberKey } from '../subscribers/subscriber.ts';
import type { SettingsBook } from './book.ts';
import { readSettings } from './check.ts';
import type { Neighbourhood, SettingsFault } from './check.ts';
import { readDestination } from './destination.ts';
import type { SubscriberSettings } from './schema.ts';

/** What became of a change. */
export type SettingsAnswer =
  | { readonly kind: 'settings'; readonly settings: SubscriberSettings }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly faults: readonly SettingsFault[] };

/** What the desk works with. */
export interface DeskParts extends Required<Pick<Neighbourhood, 'addressOf' | 'isAnybodyAt' | 'isPlace' | 'denied'>> {
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
    const { book, store, isSubscriber, addressOf, isAnybodyAt, isPlace, denied, changed } = this.#parts;
    if (!isSubscriber(user, domain)) return { kind: 'unknown' };
    const owner = subscriberKey(user, domain);
    // Somebody may have gone since; what was taken then keeps nobody from changing something else.
    const before = destinationsIn(book.settings(owner), domain);
    const known = new Set(before.map(({ to }) => to));
    // Whom he is not to call any more he may have sent calls to; that keeps nobody from denying it.
    const isSet = (setting: string, to: string): boolean =>
      before.some((each) => each.setting === setting && each.to === to);
    const neighbourhood = {
      addressOf,
      isAnybodyAt: (uri: Uri) => known.has(uri.toString()) || isAnybodyAt(uri),
      isPlace: (uri: Uri) => known.has(uri.toString()) || isPlace(uri),
      denied: (outgoing: Screen, uri: Uri, setting: string) =>
        isSet(setting, uri.toString()) ? undefined : denied(outgoing, uri, setting),
      settings: (address: string) => book.settings(address),
    };
    const read = readSettings(value, owner, neighbourhood);
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

/** Where settings send calls, and which of them does. */
function destinationsIn(
  { forward = {}, findMe }: SubscriberSettings,
  domain: string,
): readonly { readonly setting: string; readonly to: string }[] {
  const { always, busy, noAnswer, unavailable } = forward;
  const forwardings = Object.entries({ always, busy, noAnswer, unavailable });
  const places = findMe?.places.map((place) => (typeof place === 'string' ? place : place.to)) ?? [];
  const texts = [
    ...forwardings.map(([kind, text]) => [`forward.${kind}`, text] as const),
    ...places.map((text) => ['findMe.places', text] as const),
  ];
  return texts.flatMap(([setting, text]) => {
    const to = text === undefined ? undefined : readDestination(text, domain);
    return to === undefined || to instanceof SyntaxFault ? [] : [{ setting, to: to.toString() }];
  });
}

/** Deeper than settings are: what is nested so is refused for what it is, and costs nothing. */
const deepest = 8;

function merged(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isPlain(patch) || depth > deepest) return patch;
  const result = new Map(isPlain(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    const next = value === null ? undefined : merged(result.get(key), value, depth + 1);
    // A section that lost its last setting is none.
    if (next === undefined || (isPlain(next) && Object.keys(next).length === 0)) result.delete(key);
    else result.set(key, next);
  }
  return Object.fromEntries(result);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
