import type { Resolver, SipUri, SocketAddress } from '@switchhook/sip';
import { comparableHost } from '../place.ts';
import { forgetOldest } from '../forget-oldest.ts';
import type { RegisteredContacts } from '../registered-contacts.ts';
import type { Gateway } from './gateways.ts';

/** What tells gateways from others. */
export interface GatewayPlacesParts {
  readonly resolver: Resolver;
  /** Whether one of them is named so, or has that address. */
  readonly isGatewayHost: (host: string) => boolean;
  /** Whether one of them is at just that address and port. */
  readonly isGateway: (address: string, port: number) => boolean;
  readonly contacts: Pick<RegisteredContacts, 'isSource'>;
}

/** Addresses of names that are remembered. */
const remembered = 4_096;

/**
 * Tells which places are gateways'. A gateway believes what comes from the exchange, so all of its machine counts, whatever the
 * port, but for telephones that have registered from there: they may be behind one NAT with it.
 */
export class GatewayPlaces {
  readonly #parts: GatewayPlacesParts;
  /** Addresses that the names of gateways were found to have, the latest last. */
  readonly #names = new Map<string, string>();

  constructor(parts: GatewayPlacesParts) {
    this.#parts = parts;
  }

  /** Looks up those that have a name. One that cannot be found is known as soon as something goes there. */
  load(gateways: readonly Pick<Gateway, 'uri'>[]): void {
    for (const { uri } of gateways) {
      if (!uri.isNumericHost) this.#find(uri).catch(() => undefined);
    }
  }

  async #find(uri: SipUri): Promise<void> {
    const found = await this.#parts.resolver.resolve(uri);
    if (!('code' in found)) for (const place of found) this.learn(uri, place);
  }

  /** Takes note of where a URI leads. */
  learn(uri: SipUri, { address }: SocketAddress): void {
    if (uri.isNumericHost || uri.parameters.has('maddr') || !this.#parts.isGatewayHost(uri.host)) return;
    const host = comparableHost(address);
    this.#names.delete(host);
    this.#names.set(host, uri.host);
    forgetOldest(this.#names, remembered);
  }

  has(place: SocketAddress): boolean {
    const { isGatewayHost, isGateway, contacts } = this.#parts;
    const { address, port } = place;
    if (!isGatewayHost(address) && !this.#isNamed(address)) return false;
    return isGateway(address, port) || !contacts.isSource(place);
  }

  /** Whether a gateway that has a name was found to have that address. */
  #isNamed(address: string): boolean {
    if (this.#names.size === 0) return false;
    const name = this.#names.get(comparableHost(address));
    return name !== undefined && this.#parts.isGatewayHost(name);
  }
}
