import { TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import type { StreamOptions, TlsSettings } from '@switchhook/node';
import { WebSocketTransport } from '@switchhook/node/web-socket';
import type { SipContext, Transport } from '@switchhook/sip';
import type { ServerCertificate } from './certificates.ts';
import type { Configuration, ListenerConfiguration } from './config/configuration.ts';
import { placed } from './config/fault.ts';
import { ExchangeError, hasErrorCode } from './errors.ts';

/** Where the exchange really listens. */
export interface ListenerStatus {
  readonly protocol: ListenerConfiguration['protocol'];
  readonly address: string;
  readonly port: number;
}

/** The transports of the configured listeners, and the way to give the secure ones another certificate. */
export class Listeners {
  readonly transports: readonly Transport[];
  readonly #secure: { reload(settings: TlsSettings): void }[] = [];

  constructor(context: SipContext, configuration: Configuration, certificate: ServerCertificate) {
    const {
      domains,
      limits,
      tls: { clientCertificates },
    } = configuration;
    const hosts = domains.flatMap(({ name, aliases }) => [name, ...aliases]);
    const tls = tlsSettings(certificate, clientCertificates);
    this.transports = configuration.listeners.map((listener) => {
      const { protocol, address, port, publicName } = listener;
      const names = { hosts, sentBy: publicName === undefined ? undefined : { address: publicName } };
      if (protocol === 'UDP') return new UdpTransport(context, { ...names, address, port });
      const stream: StreamOptions = {
        ...names,
        listen: { address, port },
        limits: {
          maximumMessage: limits.messageSize,
          maximumConnections: limits.connections,
          maximumConnectionsPerAddress: limits.connectionsPerAddress,
          connectTimeout: limits.connectionTimes.handshake * 1_000,
          silentTimeout: limits.connectionTimes.firstMessage * 1_000,
          messageTimeout: limits.connectionTimes.message * 1_000,
          idleTimeout: limits.connectionTimes.idle * 1_000,
        },
      };
      if (protocol === 'TCP') return new TcpTransport(context, stream);
      if (protocol === 'WS') return new WebSocketTransport(context, stream);
      const transport =
        protocol === 'TLS'
          ? new TlsTransport(context, { ...stream, tls })
          : new WebSocketTransport(context, { ...stream, tls });
      this.#secure.push(transport);
      return transport;
    });
  }

  /** New connections get the new certificate; those that stand go on. */
  renewCertificate(certificate: ServerCertificate, { tls }: Configuration): void {
    for (const transport of this.#secure) transport.reload(tlsSettings(certificate, tls.clientCertificates));
  }
}

function tlsSettings(
  { certificate, key, ca }: ServerCertificate,
  clientCertificates: Configuration['tls']['clientCertificates'],
): TlsSettings {
  return {
    credentials: [{ certificate, key }],
    authorities: ca === undefined ? undefined : [ca],
    clientCertificates: clientCertificates === 'none' ? 'ignore' : clientCertificates,
  };
}

/** A start that failed because of a socket, told with the place and the remedy. */
export function explainListenError(error: unknown, { listeners, placeOf }: Configuration): unknown {
  if (!(error instanceof Error) || !('port' in error)) return error;
  const address = 'address' in error ? String(error.address) : '';
  const at = listeners.findIndex((listener) => listener.address === address && listener.port === error.port);
  const where = at < 0 ? '' : placed(placeOf, ['listeners', at]);
  const socket = `${where}${address} port ${String(error.port)}`;
  if (hasErrorCode(error, 'EADDRINUSE')) {
    const tool = `\`ss -lpn 'sport = :${String(error.port)}'\` shows which program has it`;
    return new ExchangeError(
      'port-taken',
      `${socket} is taken: ${tool}; stop that, or set other ports in a configuration file`,
    );
  }
  if (hasErrorCode(error, 'EADDRNOTAVAIL')) {
    const remedy = 'correct it under listeners';
    return new ExchangeError('listener', `${where}${address} is not an address of this machine; ${remedy}`);
  }
  if (hasErrorCode(error, 'EACCES')) {
    const remedy = 'choose a port above 1023 under listeners, or give the process CAP_NET_BIND_SERVICE';
    return new ExchangeError('listener', `${socket} may not be used by this user; ${remedy}`);
  }
  return error;
}
