import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import type { DevelopmentCertificateAuthority } from '@switchhook/node';
import type { SipContext, Transport } from '@switchhook/sip';
import type { Cast, Part } from '../stage/cast.ts';

/** What flows are played over on sockets. */
export const realProtocols = ['TLS', 'TCP', 'UDP'] as const;
export type RealProtocol = (typeof realProtocols)[number];

/** Which address everybody's machine has. */
export interface AddressPlan {
  /** Whether each has his own. */
  readonly isOneEach: boolean;
  of(part: Part): string;
}

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

  /** Any port that is free. Who only opens connections names the machine, and is reached over the connection all the same (RFC 5626). */
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
    const tls = { authorities: [this.#authority.caCertificatePem] };
    if (!part.isReachable) return new TlsTransport(this.#context, { ...named, tls });
    const { certificatePem, privateKeyPem } = await this.#authority.issue(this.#certified(part));
    const credentials = [{ key: privateKeyPem, certificate: certificatePem }];
    return new TlsTransport(this.#context, { ...named, tls: { ...tls, credentials, clientCertificates: 'ask' } });
  }

  #certified(part: Part): { readonly names: readonly string[]; readonly sipDomains?: readonly string[] } {
    const { kind, host, domain, user } = part;
    if (kind !== 'phone') return { names: [host, ...this.#cast.domainsOf(part)] };
    return { names: [host, domain], sipDomains: [`${user}@${domain}`] };
  }
}

/** On loopback: an address for each where all of 127 is there, as on Linux and Windows, or else one for all. */
export async function addressPlan(): Promise<AddressPlan> {
  const isOneEach = await isOurs('127.0.0.10');
  return { isOneEach, of: ({ place }) => (isOneEach ? `127.0.0.${10 + place}` : '127.0.0.1') };
}

async function isOurs(address: string): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    const listening = once(socket, 'listening');
    socket.bind(0, address);
    await listening;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
