import { defaultPort } from '@switchhook/sip';
import type { Destination, ResolutionError, Resolver, SipUri, TransportProtocol } from '@switchhook/sip';

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
    const address = uri.isNumericHost ? uri.host : this.#find(uri);
    if (address === undefined) return { code: 'no-records', temporary: false, message: `${uri.host} has no address` };
    return [{ protocol, address, port: uri.port ?? defaultPort(protocol), serverName: uri.host }];
  }

  markFailed(): void {
    // Each name has one address: there is none to prefer.
  }

  #protocolFor({ scheme, transport, isNumericHost }: SipUri): TransportProtocol {
    const isSecure = scheme === 'sips';
    if (transport === 'ws' || (isSecure && this.#protocol === 'WSS')) return isSecure ? 'WSS' : 'WS';
    if (isSecure || transport === 'tls') return 'TLS';
    if (transport === 'tcp') return 'TCP';
    return transport === 'udp' || isNumericHost ? 'UDP' : this.#protocol;
  }
}
