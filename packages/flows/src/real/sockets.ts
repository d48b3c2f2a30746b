import { TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import type { CertificateNames, DevelopmentCertificateAuthority, TlsSettings } from '@switchhook/node';
import { WebSocketTransport } from '@switchhook/node/web-socket';
import type { SipContext, Transport } from '@switchhook/sip';
import type { Cast, Part } from '../stage/cast.ts';

/** What flows are played over on sockets. */
export const realProtocols = ['TLS', 'TCP', 'UDP', 'WS', 'WSS'] as const;
/** What the flows are played over on sockets. */
export type RealProtocol = (typeof realProtocols)[number];

/** Opens the sockets of those who take part, each with a certificate in his names where it is over TLS. */
export class Sockets {
  readonly #context: SipContext;
  readonly #cast: Cast;
  readonly #authority: DevelopmentCertificateAuthority;

  constructor(context: SipContext, cast: Cast, authority: DevelopmentCertificateAuthority) {
    this.#context = context;
    this.#cast = cast;
    this.#authority = authority;
  }

  /**
   * On any port that is free, for those of this house among themselves. Who only opens connections names the machine, and is
   * reached over the connection all the same (RFC 5626).
   */
  async open(part: Part, address: string, protocol: RealProtocol): Promise<Transport> {
    const listen = { address, port: 0 };
    if (protocol === 'UDP') {
      return new UdpTransport(this.#context, {
        ...listen,
        ...(part.isReachable && { sentBy: { address: part.host } }),
      });
    }
    const named = part.isReachable ? { listen, sentBy: { address: part.host } } : { sentBy: { address } };
    if (protocol === 'TCP') return new TcpTransport(this.#context, named);
    if (protocol === 'WS') return new WebSocketTransport(this.#context, named);
    const proof = part.isReachable ? await this.#proof(this.#namesOf(part)) : {};
    const tls = { authorities: [this.#authority.caCertificatePem], ...proof };
    return protocol === 'TLS'
      ? new TlsTransport(this.#context, { ...named, tls })
      : new WebSocketTransport(this.#context, { ...named, tls });
  }

  /**
   * All transports on a port that devices are told, under the address itself: nobody else knows our names. The certificate has both,
   * for devices that ask who we are. A device cannot prove who it is to us, and need not.
   */
  async openAll(part: Part, address: string, port: number): Promise<readonly Transport[]> {
    const listen = { address, port };
    const secure = { address, port: port + 1 };
    const proof = await this.#proof({ ...this.#namesOf(part), addresses: [address] });
    return [
      new UdpTransport(this.#context, listen),
      new TcpTransport(this.#context, { listen }),
      new TlsTransport(this.#context, { listen: secure, tls: { ...proof, verify: false } }),
    ];
  }

  async #proof(names: CertificateNames): Promise<Pick<TlsSettings, 'credentials' | 'clientCertificates'>> {
    const { certificatePem, privateKeyPem } = await this.#authority.issue(names);
    return { credentials: [{ key: privateKeyPem, certificate: certificatePem }], clientCertificates: 'ask' };
  }

  #namesOf(part: Part): CertificateNames {
    const { kind, host, domain, user } = part;
    if (kind !== 'phone') return { names: [host, ...this.#cast.domainsOf(part)] };
    return { names: [host, domain], sipDomains: [`${user}@${domain}`] };
  }
}
