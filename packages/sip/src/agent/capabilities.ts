import type { Capability } from '../dialog/contract.ts';
import { SwitchhookError } from '../error.ts';
import type { HeaderInit } from '../message/header.ts';

export type CapabilityHeader = 'Allow' | 'Supported' | 'Accept' | 'Allow-Events';

/** Methods that the user agent core sees to itself, as soon as there is an INVITE to answer. */
const inviteCompanions = ['ACK', 'CANCEL'];

/** What is installed into a user agent, and what it can do by that (RFC 3261 20.1, 20.5, 20.37; RFC 6665 8.2.2). */
export class Capabilities implements Iterable<Capability> {
  readonly #installed: Capability[] = [];
  readonly #byMethod = new Map<string, Capability[]>();

  add(capability: Capability): void {
    if (this.#installed.some(({ name }) => name === capability.name)) {
      throw new SwitchhookError('already-installed', `${capability.name} is installed already`);
    }
    this.#installed.push(capability);
    for (const method of capability.methods) {
      const takers = this.#byMethod.get(method);
      if (takers === undefined) this.#byMethod.set(method, [capability]);
      else takers.push(capability);
    }
  }

  /** Who takes a method, in the order of installation. */
  takers(method: string): readonly Capability[] {
    return this.#byMethod.get(method) ?? [];
  }

  get methods(): readonly string[] {
    const methods = [...this.#byMethod.keys()];
    return methods.includes('INVITE') ? [...methods, ...inviteCompanions] : methods;
  }

  get extensions(): readonly string[] {
    return this.#union(({ extensions }) => extensions);
  }

  get events(): readonly string[] {
    return this.#union(({ events }) => events);
  }

  /** Media types of bodies, of all methods or of one. */
  accepted(method?: string): readonly string[] {
    const takers = method === undefined ? this.#installed : this.takers(method);
    return [...new Set(takers.flatMap(({ accepts = [] }) => accepts))];
  }

  /** An empty Allow or Accept says something, too; an empty Supported or Allow-Events says nothing. */
  header(name: CapabilityHeader): HeaderInit[] {
    const values =
      name === 'Allow'
        ? this.methods
        : name === 'Accept'
          ? this.accepted()
          : name === 'Supported'
            ? this.extensions
            : this.events;
    if (values.length === 0 && (name === 'Supported' || name === 'Allow-Events')) return [];
    return [[name, values.join(', ')]];
  }

  [Symbol.iterator](): Iterator<Capability> {
    return this.#installed.values();
  }

  #union(values: (capability: Capability) => readonly string[] | undefined): readonly string[] {
    return [...new Set(this.#installed.flatMap((capability) => values(capability) ?? []))];
  }
}
