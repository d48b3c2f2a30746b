import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { canReach, DatagramEndpoint, isIpv6Address, sourceNetwork, transportError } from '@switchhook/sip';
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
import { SourceTurns } from './source-turns.ts';

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
/**
 * Datagrams that are handled before the socket is asked for more. Fewer than it hands over at a time (libuv: 32), so it is emptied
 * sooner than they are handled: in its queue all would wait for all that came before, and behind a flood that is long.
 */
const handledAtATime = 8;
/**
 * Bytes of datagrams that wait. One source may fill half of it, some 5,000 messages, which are handled in about the half second
 * after which clients say them again (T1): behind a longer queue all that waits would be there twice.
 */
const room = 8 * 1_048_576;
/** What a datagram takes beside its text. */
const overhead = 128;

/** Bytes that what leaves in one go is written to. More, and what is sent by itself, gets memory of its own. */
const departureRoom = 65_536;

interface Datagram {
  readonly text: string;
  readonly address: string;
  readonly port: number;
}

interface Departure {
  readonly text: string;
  readonly remote: SocketAddress;
  readonly onError: ((error: TransportError) => void) | undefined;
}

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
  /** What the socket has handed over and waits for its turn. */
  private readonly waiting = new SourceTurns<Datagram>(room);
  /** Handled as they came; the socket may have been asked in between. */
  private handled = 0;
  /**
   * What those that are being handled have brought about, until the last of them is: sent in one go, it wakes whoever
   * gets it once and not each time, and neither the kernel's code nor ours gives the other's caches away in between.
   */
  private leaving: Departure[] | undefined = undefined;
  private next: NodeJS.Immediate | undefined = undefined;
  /** The same memory each time, which is in the caches then. */
  private readonly departures = Buffer.allocUnsafeSlow(departureRoom);

  constructor(context: SipContext, options: UdpOptions) {
    this.context = context;
    this.options = options;
    this.endpoint = new DatagramEndpoint({
      clock: context.clock,
      random: context.random,
      maximumFlows: options.maximumFlows,
      send: (text, remote, onError) => {
        if (this.leaving === undefined) this.send(text, remote, onError);
        else this.leaving.push({ text, remote, onError });
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
      this.take(data.toString('latin1'), remote.address, remote.port);
    });
  }

  async stop(): Promise<void> {
    const socket = this.socket;
    if (socket === undefined) return;
    this.depart();
    this.socket = undefined;
    this.bound = undefined;
    clearImmediate(this.next);
    this.next = undefined;
    this.handled = 0;
    this.waiting.clear();
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

  private take(text: string, address: string, port: number): void {
    if (this.waiting.isEmpty && this.handled < handledAtATime) {
      this.handled += 1;
      this.next ??= setImmediate(this.goOn);
      this.leaving ??= [];
      this.endpoint.received(text, address, port);
    } else {
      const dropped = this.waiting.add(sourceNetwork(address), { text, address, port }, text.length + overhead);
      for (let count = 0; count < dropped; count++) this.endpoint.refuse('queue');
    }
  }

  /** The socket has handed over what it had: those who wait have their turn. */
  private readonly goOn = (): void => {
    this.handled = 0;
    this.leaving ??= [];
    for (let count = 0; count < handledAtATime; count++) {
      const datagram = this.waiting.take();
      if (datagram === undefined) break;
      this.endpoint.received(datagram.text, datagram.address, datagram.port);
    }
    this.depart();
    this.next = this.waiting.isEmpty ? undefined : setImmediate(this.goOn);
  };

  private depart(): void {
    const { leaving, departures } = this;
    this.leaving = undefined;
    if (leaving === undefined) return;
    // What the kernel did not take at once still lies there.
    let used = this.socket?.getSendQueueCount() === 0 ? 0 : departures.length;
    for (const { text, remote, onError } of leaving) {
      const end = used + text.length;
      if (end > departures.length) this.send(text, remote, onError);
      else {
        departures.write(text, used, 'latin1');
        this.transmit(departures, used, text.length, remote, onError);
        used = end;
      }
    }
  }

  private send(text: string, remote: SocketAddress, onError: ((error: TransportError) => void) | undefined): void {
    this.transmit(Buffer.from(text, 'latin1'), 0, text.length, remote, onError);
  }

  private transmit(
    data: Buffer,
    start: number,
    length: number,
    { address, port }: SocketAddress,
    onError: ((error: TransportError) => void) | undefined,
  ): void {
    if (this.socket === undefined) {
      onError?.(transportError('stopped'));
    } else if (onError === undefined) {
      this.socket.send(data, start, length, port, address);
    } else {
      this.socket.send(data, start, length, port, address, (error) => {
        if (error !== null) onError(socketError(error));
      });
    }
  }
}
