import { DnsResolver, NodeDnsClient, systemContext, TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import type { TlsCredentials, TlsSettings } from '@switchhook/node';
import type { Log, SipContext, Transport, TransportProtocol } from '@switchhook/sip';
import { noLog } from '../no-log.ts';
import { CallLogFile } from './call-log-file.ts';
import { certifiedName } from './certified-name.ts';
import { Phone } from '../phone.ts';
import type { PhoneSettings } from '../phone-options.ts';
import { machineAddresses, MachineNetwork } from './machine-network.ts';
import { MachineMedia } from './machine-media.ts';
import type { MachineMediaOptions } from './machine-media.ts';
import { phoneCodecs } from './phone-codecs.ts';

/** A phone on a machine: its settings, and what it has of the machine. */
export interface MachinePhoneOptions extends Omit<PhoneSettings, 'callLog'> {
  /** The transports that it has; all but WebSocket without it. */
  readonly transports?: readonly TransportProtocol[] | undefined;
  /** An address of this machine that it is reached at; all of IPv4 without it. */
  readonly address?: string | undefined;
  /** Its port there over UDP and TCP (RFC 3261 18.2.1), and one more over TLS; without it each has one that is free. */
  readonly port?: number | undefined;
  /**
   * Its certificate, for a host name or an address of this machine and for its person, `sip:alice@example.com`, and the key
   * to it. With them it is called over TLS without anybody between, by those who show a certificate in return (RFC 5922).
   */
  readonly credentials?: TlsCredentials | undefined;
  /** Certificates of the authorities to trust, as PEM text, instead of those that Node brings. */
  readonly authorities?: readonly string[] | undefined;
  /** Its sound; without it calls are silent. */
  readonly sound?: Partial<MachineMediaOptions> | undefined;
  /** The file that the call log is kept in; without it the log is forgotten with the phone. */
  readonly callLogFile?: string | undefined;
  readonly log?: Log | undefined;
}

/** What the kernel may hold of datagrams for a phone: some hundred messages. */
const receiveBuffer = 262_144;

/** Makes a phone of this machine's sockets, name service and sound, and starts it. It is not registered yet. */
export async function startPhone(options: MachinePhoneOptions): Promise<Phone> {
  const { transports: protocols = ['UDP', 'TCP', 'TLS'], sound = {}, log = noLog, callLogFile, ...settings } = options;
  const context = systemContext(log);
  const resolver = new DnsResolver(context, new NodeDnsClient(), { protocols });
  const media = new MachineMedia(context, { codecs: phoneCodecs, ...sound });
  const transports = await Promise.all(protocols.map((protocol) => transportOf(context, protocol, options)));
  const phone = new Phone(context, {
    ...settings,
    transports,
    resolver,
    media,
    callLog: callLogFile === undefined ? undefined : new CallLogFile(callLogFile),
    network: new MachineNetwork(context.clock, machineAddresses),
  });
  await phone.start();
  return phone;
}

/**
 * Whoever calls it without a registrar between them, or answers such a call, connects by TCP; by TLS to a phone that has
 * a certificate to show. Another one, and any over WebSocket, only opens connections, and is reached over them (RFC 5626).
 */
async function transportOf(
  context: SipContext,
  protocol: TransportProtocol,
  options: MachinePhoneOptions,
): Promise<Transport> {
  const { address = '0.0.0.0', port = 0, authorities, credentials } = options;
  const tls: TlsSettings = {
    authorities,
    ...(credentials && { credentials: [credentials], clientCertificates: 'require' as const }),
  };
  switch (protocol) {
    case 'UDP':
      return new UdpTransport(context, { address, port, receiveBuffer });
    case 'TCP':
      return new TcpTransport(context, { listen: { address, port } });
    case 'TLS': {
      if (credentials === undefined) return new TlsTransport(context, { tls });
      const listen = { address, port: port === 0 ? 0 : port + 1 };
      return new TlsTransport(context, { tls, listen, sentBy: { address: certifiedName(credentials, address) } });
    }
    case 'WS':
    case 'WSS': {
      // HTTP comes along with it, which others have no use for.
      const { WebSocketTransport } = await import('@switchhook/node/web-socket');
      return new WebSocketTransport(context, protocol === 'WS' ? {} : { tls });
    }
  }
}
