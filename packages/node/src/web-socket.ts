import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { hostPort, transportError } from '@switchhook/sip';
import type { BytePipe, Destination, SipContext, StreamFlow } from '@switchhook/sip';
import { WebSocket, WebSocketServer } from 'ws';
import { socketError } from './socket-error.ts';
import { localAddressOf } from './socket-pipe.ts';
import { StreamTransport } from './stream-transport.ts';
import type { StreamOptions } from './stream-transport.ts';
import { peerOf, TlsContexts, tlsServerOptions } from './tls-settings.ts';
import type { TlsSettings } from './tls-settings.ts';
import { carryWebSocket, WebSocketPipe } from './web-socket-pipe.ts';

/** {@link StreamOptions} for SIP over WebSocket (RFC 7118). */
export interface WebSocketOptions extends StreamOptions {
  /** With it, this is secure WebSocket (WSS). */
  readonly tls?: TlsSettings | undefined;
  /** The path that is asked for when connecting. When listening, any path will do. */
  readonly path?: string | undefined;
}

const subprotocol = 'sip';

/** SIP over WebSocket (RFC 7118), from browsers mostly. */
export class WebSocketTransport extends StreamTransport {
  private readonly path: string;
  private contexts: TlsContexts | undefined;
  /** Reads the HTTP requests on the connections that it is handed; it listens nowhere itself. */
  private readonly handshaker: Server | SecureServer;
  private readonly upgrader: WebSocketServer;

  constructor(context: SipContext, options: WebSocketOptions) {
    super(context, options.tls === undefined ? 'WS' : 'WSS', options);
    this.path = options.path ?? '/';
    this.contexts = options.tls && new TlsContexts(options.tls);
    this.upgrader = new WebSocketServer({
      noServer: true,
      maxPayload: this.limits.maximumMessage,
      perMessageDeflate: false,
      autoPong: false,
      clientTracking: false,
      handleProtocols: (offered) => [...offered].find(isSip) ?? false,
    });
    this.handshaker = this.makeHandshaker(options.tls, this.contexts);
    this.handshaker.on('request', refuse);
    this.handshaker.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.upgrade(request, socket, head);
    });
  }

  /** As {@link TlsTransport.reload}. */
  reload(settings: TlsSettings): void {
    if (!('setSecureContext' in this.handshaker)) return;
    this.contexts = new TlsContexts(settings);
    this.handshaker.setSecureContext(this.contexts.defaults);
  }

  protected override open(destination: Destination, flow: StreamFlow): BytePipe {
    const scheme = this.contexts === undefined ? 'ws' : 'wss';
    const name = destination.serverName ?? destination.address;
    const socket = new WebSocket(
      `${scheme}://${hostPort(destination.address, destination.port)}${this.path}`,
      subprotocol,
      {
        ...this.contexts?.connecting(destination),
        ...localAddress(this.dialling(destination)),
        headers: { Host: hostPort(name, destination.port) },
        maxPayload: this.limits.maximumMessage,
        perMessageDeflate: false,
        autoPong: false,
      },
    );
    socket.once('upgrade', ({ socket: carrier }) => {
      const peer = carrier instanceof TLSSocket ? peerOf(carrier) : undefined;
      socket.once('open', () => {
        carryWebSocket(socket, carrier, flow, this.limits.maximumPending);
        flow.opened(peer, localAddressOf(carrier));
      });
    });
    tellWebSocketEnd(socket, flow);
    return new WebSocketPipe(socket);
  }

  protected override greet(socket: Socket): void {
    this.handshaker.emit('connection', socket);
  }

  private makeHandshaker(settings: TlsSettings | undefined, contexts: TlsContexts | undefined): Server | SecureServer {
    if (settings === undefined || contexts === undefined) return createServer();
    return createSecureServer(tlsServerOptions(settings, () => this.contexts ?? contexts));
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (!offersSip(request)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      this.accepted(socket, socket instanceof TLSSocket ? peerOf(socket) : undefined, (flow) => {
        tellWebSocketEnd(webSocket, flow);
        carryWebSocket(webSocket, socket, flow, this.limits.maximumPending);
      });
    });
  }
}

function tellWebSocketEnd(socket: WebSocket, flow: StreamFlow): void {
  let failure: Error | undefined;
  socket.on('error', (error) => {
    failure = error;
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      flow.broken('', 513, 'Message Too Large');
    }
  });
  socket.once('close', () => {
    flow.ended(failure === undefined ? transportError('closed') : socketError(failure));
  });
}

function offersSip(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => isSip(name.trim()));
}

/** In whatever letters: who spells it otherwise gets it back as he has written it (RFC 6455 4.1). */
function isSip(name: string): boolean {
  return name.toLowerCase() === subprotocol;
}

/** Who only speaks HTTP is told what is spoken here (RFC 9110 15.5.22). */
function refuse(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end();
}

function localAddress(dialling: { readonly localAddress?: string }): { localAddress?: string } {
  return dialling.localAddress === undefined ? {} : { localAddress: dialling.localAddress };
}
