import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { canReach, DatagramEndpoint, isIpv6Address, transportError } from '@switchhook/sip';
import type {
  Destination,
  Flow,
  SipContext,
  SocketAddress,
  Transport,
  TransportError,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';
import { hostsOf, publicAddress } from './local-addresses.ts';
import type { PublicName } from './local-addresses.ts';
import { socketError } from './socket-error.ts';

/** Where SIP over UDP is sent from and received. */
export interface UdpOptions extends PublicName {
  /** An address of this machine, or `0.0.0.0` or `::` for all of that family. */
  readonly address: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Far ends remembered at once. */
  readonly maximumFlows?: number | undefined;
  /** What the kernel may hold of datagrams not yet read; it may give less. */
  readonly receiveBuffer?: number | undefined;
}

/** A burst of some thousand messages waits in the kernel while something else has the processor. */
const defaultReceiveBuffer = 4 * 1_048_576;

/** Addresses come from the resolver: there is nothing to look up, nor a tick to wait. */
function noLookup(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, isIpv6Address(address) ? 6 : 4);
}

/** SIP over UDP (RFC 3261 18), on one socket. */
export class UdpTransport implements Transport {
  readonly protocol = 'UDP';
  private readonly context: SipContext;
  private readonly options: UdpOptions;
  private readonly endpoint: DatagramEndpoint;
  private socket: Socket | undefined = undefined;
  private bound: SocketAddress | undefined = undefined;

  constructor(context: SipContext, options: UdpOptions) {
    this.context = context;
    this.options = options;
    this.endpoint = new DatagramEndpoint({
      clock: context.clock,
      random: context.random,
      maximumFlows: options.maximumFlows,
      send: (text, remote, onError) => {
        this.send(text, remote, onError);
      },
    });
  }

  get local(): SocketAddress | undefined {
    return this.bound;
  }

  get sentBy(): SocketAddress | undefined {
    return this.bound && publicAddress(this.options, this.bound);
  }

  get hosts(): readonly string[] {
    return hostsOf(this.options, this.options.address);
  }

  reaches(address: string): boolean {
    return canReach(this.options.address, address);
  }

  async start(receiver: TransportReceiver): Promise<void> {
    const ipv6 = isIpv6Address(this.options.address);
    const socket = createSocket({
      type: ipv6 ? 'udp6' : 'udp4',
      ipv6Only: ipv6,
      lookup: noLookup,
      recvBufferSize: this.options.receiveBuffer ?? defaultReceiveBuffer,
    });
    const listening = once(socket, 'listening');
    socket.bind(this.options.port, this.options.address);
    await listening;
    const { address, port } = socket.address();
    this.bound = { address, port };
    this.socket = socket;
    this.endpoint.start(receiver, this.bound, publicAddress(this.options, this.bound));
    socket.on('error', (error) => {
      this.context.log.warn('UDP socket failed', { address, port, error: error.message });
    });
    socket.on('message', (data, remote) => {
      this.endpoint.received(data.toString('latin1'), remote.address, remote.port);
    });
  }

  async stop(): Promise<void> {
    const socket = this.socket;
    if (socket === undefined) return;
    this.socket = undefined;
    this.bound = undefined;
    this.endpoint.stop();
    const closed = once(socket, 'close');
    socket.close();
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

  private send(text: string, remote: SocketAddress, onError: ((error: TransportError) => void) | undefined): void {
    const data = Buffer.from(text, 'latin1');
    if (this.socket === undefined) {
      onError?.(transportError('stopped'));
    } else if (onError === undefined) {
      this.socket.send(data, remote.port, remote.address);
    } else {
      this.socket.send(data, remote.port, remote.address, (error) => {
        if (error !== null) onError(socketError(error));
      });
    }
  }
}
