import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import {
  canReach,
  defaultPort,
  defaultStreamLimits,
  isIpv6Address,
  isUnspecified,
  StreamEndpoint,
} from '@switchhook/sip';
import type {
  BytePipe,
  Destination,
  Flow,
  PeerIdentity,
  SipContext,
  SocketAddress,
  StreamFlow,
  StreamLimits,
  Transport,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';
import { hostsOf, publicAddress } from './local-addresses.ts';
import type { PublicName } from './local-addresses.ts';
import { SocketPipe, tellEnd } from './socket-pipe.ts';

/** Where connections are accepted, and how much they may hold. */
export interface StreamOptions extends PublicName {
  /** Where to accept connections; without it, this side only opens them. Port 0 for any that is free. */
  readonly listen?: SocketAddress | undefined;
  readonly limits?: Partial<StreamLimits> | undefined;
}

/** A connection that somebody opened to us and that is not usable yet. */
interface Handshake {
  readonly flow: StreamFlow;
  /** From now on the socket on top tells the end. */
  readonly leaveEnd: () => void;
}

/** What TCP, TLS and WebSocket have in common: a listener, its limits, and the connections in their endpoint. */
export abstract class StreamTransport implements Transport {
  readonly protocol: TransportProtocol;
  protected readonly limits: StreamLimits;
  private readonly context: SipContext;
  private readonly options: StreamOptions;
  private readonly endpoint: StreamEndpoint;
  private readonly handshakes = new Map<string, Handshake>();
  private server: Server | undefined = undefined;
  private bound: SocketAddress | undefined = undefined;

  constructor(context: SipContext, protocol: TransportProtocol, options: StreamOptions) {
    this.context = context;
    this.protocol = protocol;
    this.options = options;
    this.limits = { ...defaultStreamLimits, ...options.limits };
    this.endpoint = new StreamEndpoint({
      clock: context.clock,
      random: context.random,
      protocol,
      limits: this.limits,
      connector: (destination, flow) => this.open(destination, flow),
    });
  }

  get local(): SocketAddress | undefined {
    return this.bound;
  }

  get sentBy(): SocketAddress | undefined {
    if (this.options.listen !== undefined && this.bound === undefined) return undefined;
    return publicAddress(this.options, this.bound ?? { address: '0.0.0.0', port: defaultPort(this.protocol) });
  }

  get hosts(): readonly string[] {
    return hostsOf(this.options, this.options.listen?.address ?? '0.0.0.0');
  }

  reaches(address: string): boolean {
    return this.options.listen === undefined || canReach(this.options.listen.address, address);
  }

  async start(receiver: TransportReceiver): Promise<void> {
    const { listen } = this.options;
    if (listen !== undefined) await this.listen(listen);
    this.endpoint.start(receiver, this.sentBy ?? { address: 'anonymous.invalid', port: defaultPort(this.protocol) });
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    this.bound = undefined;
    const closed = server && once(server, 'close');
    server?.close();
    await this.endpoint.stop();
    await closed;
  }

  connect(destination: Destination): Flow {
    return this.endpoint.connect(destination);
  }

  flow(id: number): Flow | undefined {
    return this.endpoint.flow(id);
  }

  stats(): TransportStats {
    return this.endpoint.stats();
  }

  /** Begins a connection to the destination. */
  protected abstract open(destination: Destination, flow: StreamFlow): BytePipe;

  /** A connection came and passed the limits; {@link accepted} ends the handshake. */
  protected abstract greet(socket: Socket): void;

  /** Options for connecting out: from the address of the listener, where that is a certain one. */
  protected dialling(destination: Destination): { host: string; port: number; localAddress?: string } {
    const { address: host, port } = destination;
    const own = this.options.listen?.address;
    return own === undefined || isUnspecified(own) ? { host, port } : { host, port, localAddress: own };
  }

  /** The flow of an accepted connection whose handshake is done, for the socket that carries it from now on. */
  protected accepted(socket: Socket, peer: PeerIdentity | undefined, attach: (flow: StreamFlow) => void): void {
    const key = keyOf(socket);
    const handshake = this.handshakes.get(key);
    this.handshakes.delete(key);
    if (handshake === undefined || handshake.flow.closed) {
      socket.destroy();
      return;
    }
    handshake.leaveEnd();
    attach(handshake.flow);
    handshake.flow.opened(peer);
  }

  private async listen({ address, port }: SocketAddress): Promise<void> {
    const server = createServer((socket) => {
      this.admit(socket);
    });
    server.listen({ host: address, port, ipv6Only: isIpv6Address(address), backlog: 1_024 });
    await once(server, 'listening');
    const bound = server.address();
    if (bound !== null && typeof bound === 'object') this.bound = { address: bound.address, port: bound.port };
    this.server = server;
    server.on('error', (error) => {
      this.context.log.warn('listening socket failed', {
        protocol: this.protocol,
        address,
        port,
        error: error.message,
      });
    });
  }

  private admit(socket: Socket): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    socket.on('error', () => undefined);
    if (
      remoteAddress === undefined ||
      remotePort === undefined ||
      localAddress === undefined ||
      localPort === undefined
    ) {
      socket.destroy(); // It is gone already.
      return;
    }
    const remote = { address: remoteAddress, port: remotePort };
    const flow = this.endpoint.accept(new SocketPipe(socket), remote, { address: localAddress, port: localPort });
    if (flow === undefined) {
      socket.resetAndDestroy();
      return;
    }
    const key = keyOf(socket);
    this.handshakes.set(key, { flow, leaveEnd: tellEnd(socket, flow) });
    flow.onClose(() => {
      if (this.handshakes.get(key)?.flow === flow) this.handshakes.delete(key);
    });
    this.greet(socket);
  }
}

/** Names a connection to one listener while it lasts, whatever lies on top of its socket. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${String(socket.remotePort)}`;
}
