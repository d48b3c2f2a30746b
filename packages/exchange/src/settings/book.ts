import type { SubscriberSettings } from './schema.ts';
import { servicesOf } from '../plan/services.ts';
import type { Services } from '../plan/services.ts';

const nothing: SubscriberSettings = {};

/** Settings by `user@domain`. */
export type SettingsByAddress = ReadonlyMap<string, SubscriberSettings>;

/**
 * What every subscriber has set, in memory and ready for the next call: what is in the store, and for whom nothing is in
 * there, what the configuration gives.
 */
export class SettingsBook {
  #configured: SettingsByAddress = new Map();
  #stored: SettingsByAddress = new Map();
  #services = new Map<string, Services>();

  load(configured: SettingsByAddress, stored: SettingsByAddress): void {
    this.#configured = configured;
    this.#stored = stored;
    this.#services = new Map();
    for (const address of new Set([...configured.keys(), ...stored.keys()])) {
      this.#services.set(address, servicesOf(this.settings(address), domainOf(address)));
    }
  }

  /** Undefined when nothing is set. */
  services(address: string): Services | undefined {
    return this.#services.size === 0 ? undefined : this.#services.get(address);
  }

  /** What is in force. */
  settings(address: string): SubscriberSettings {
    return this.#stored.get(address) ?? this.#configured.get(address) ?? nothing;
  }
}

function domainOf(address: string): string {
  return address.slice(address.indexOf('@') + 1);
}
