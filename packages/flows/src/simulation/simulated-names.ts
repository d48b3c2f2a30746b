import type { Destination, ResolutionError, Resolver, SipUri, TransportProtocol } from '@switchhook/sip';

const ports: Readonly<Record<TransportProtocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };

/** Finds hosts of a simulated network by name, as RFC 3263 would with one address for each. */
export class SimulatedNames implements Resolver {
  readonly #find: (uri: SipUri) => string | undefined;
  readonly #protocol: TransportProtocol;

  /**
   * `find` has the address that a URI leads to; `protocol` is what is taken for `sip` where the URI does not say: what the NAPTR
   * records would say.
   */
  constructor(find: (uri: SipUri) => string | undefined, protocol: TransportProtocol) {
    this.#find = find;
    this.#protocol = protocol;
  }

  resolve(uri: SipUri): readonly Destination[] | ResolutionError {
    const protocol = this.#protocolFor(uri);
    const address = isAddress(uri.host) ? uri.host : this.#find(uri);
    if (address === undefined) return { code: 'no-records', temporary: false, message: `${uri.host} has no address` };
    return [{ protocol, address, port: uri.port ?? ports[protocol], serverName: uri.host }];
  }

  markFailed(): void {
    // Each name has one address: there is none to prefer.
  }

  #protocolFor({ scheme, transport, host }: SipUri): TransportProtocol {
    if (scheme === 'sips' || transport === 'tls') return 'TLS';
    if (transport === 'tcp') return 'TCP';
    return transport === 'udp' || isAddress(host) ? 'UDP' : this.#protocol;
  }
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
