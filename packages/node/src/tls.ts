import type { Socket } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Server } from 'node:tls';
import type { BytePipe, Destination, SipContext, StreamFlow } from '@switchhook/sip';
import { carry, localAddressOf, SocketPipe, tellEnd } from './socket-pipe.ts';
import { StreamTransport } from './stream-transport.ts';
import type { StreamOptions } from './stream-transport.ts';
import { peerOf, TlsContexts, tlsServerOptions } from './tls-settings.ts';
import type { TlsSettings } from './tls-settings.ts';

/** {@link StreamOptions}, and the certificates and authorities of TLS. */
export interface TlsTransportOptions extends StreamOptions {
  readonly tls: TlsSettings;
}

/** SIP over TLS (RFC 3261 26.3.1), the far end's names taken from its certificate (RFC 5922). */
export class TlsTransport extends StreamTransport {
  private contexts: TlsContexts;
  /** Does the handshakes of the connections that it is handed; it listens nowhere itself. */
  private readonly handshaker: Server;

  constructor(context: SipContext, options: TlsTransportOptions) {
    super(context, 'TLS', options);
    this.contexts = new TlsContexts(options.tls);
    this.handshaker = createServer(tlsServerOptions(options.tls, () => this.contexts));
    this.handshaker.on('secureConnection', (socket) => {
      this.accepted(socket, peerOf(socket), (flow) => {
        tellEnd(socket, flow);
        carry(socket, flow);
      });
    });
  }

  /**
   * Takes new certificates, keys and authorities for every handshake from now on; connections that stand stay. Throws,
   * and keeps the old ones, when they cannot be read. Whether clients are asked for certificates does not change.
   */
  reload(settings: TlsSettings): void {
    this.contexts = new TlsContexts(settings);
    this.handshaker.setSecureContext(this.contexts.defaults);
  }

  protected override open(destination: Destination, flow: StreamFlow): BytePipe {
    const socket = connect({ ...this.dialling(destination), ...this.contexts.connecting(destination) });
    tellEnd(socket, flow);
    socket.once('secureConnect', () => {
      carry(socket, flow);
      flow.opened(peerOf(socket), localAddressOf(socket));
    });
    return new SocketPipe(socket);
  }

  protected override greet(socket: Socket): void {
    this.handshaker.emit('connection', socket);
  }
}
