import type { Destination, Flow, SocketAddress, TransportError, TransportErrorCode } from '@switchhook/sip';
import { sendDatagram } from './datagram-delivery.ts';
import { textOf } from './datagram-ports.ts';
import { addressKey, type Datagram, type DatagramListener, type Fabric, type HostRecord } from './fabric.ts';
import { SimulatedFlow, transportError, type FlowEnds } from './simulated-flow.ts';
import { SimulatedTransport, type TransportOptions } from './simulated-transport.ts';

/** What fits into one UDP datagram over IPv4. */
const maximumDatagram = 65_507;

class DatagramFlow extends SimulatedFlow {
  readonly #transport: DatagramTransport;

  constructor(fabric: Fabric, transport: DatagramTransport, ends: FlowEnds) {
    super(fabric, ends);
    this.#transport = transport;
  }

  protected transmit(text: string, onError?: (error: TransportError) => void): void {
    if (this.closed) onError?.(transportError('closed', this.remote));
    else if (text.length > maximumDatagram) onError?.(transportError('too-large', this.remote));
    else this.#transport.transmit(text, this.local, this.remote);
  }

  /** A datagram came from the far end; answers whether it is a message. */
  takes(text: string): boolean {
    return !this.keepAlives.takes(text);
  }

  /** RFC 5923 is about connections. */
  acceptAlias(): void {
    return undefined;
  }

  protected released(): void {
    this.#transport.forget(this);
  }
}

/** UDP of a simulated host. */
export class DatagramTransport extends SimulatedTransport {
  readonly #flows = new Map<string, DatagramFlow>();
  readonly #byId = new Map<number, DatagramFlow>();

  constructor(fabric: Fabric, host: HostRecord, options: TransportOptions) {
    super(fabric, host, 'UDP', options);
  }

  connect(destination: Destination): Flow {
    return this.#flow(destination, true);
  }

  flow(id: number): Flow | undefined {
    return this.#byId.get(id);
  }

  forget(flow: DatagramFlow): void {
    this.#byId.delete(flow.id);
    this.#flows.delete(addressKey(flow.remote));
  }

  transmit(text: string, source: SocketAddress, destination: SocketAddress): void {
    this.sent += 1;
    sendDatagram(this.fabric, this.host, text, source, destination);
  }

  receive(datagram: Datagram, source: SocketAddress): void {
    this.received += 1;
    const text = typeof datagram === 'string' ? datagram : textOf(datagram);
    const flow = this.#flow(source, false);
    if (flow.takes(text)) this.receiver?.message(text, flow);
  }

  protected flowCount(): number {
    return this.#flows.size;
  }

  protected closeAll(reason: TransportErrorCode): void {
    for (const flow of [...this.#flows.values()]) flow.close(reason);
  }

  protected listen(key: string): void {
    this.ports().set(key, this);
  }

  protected ports(): Map<string, DatagramListener> {
    return this.host.datagram;
  }

  #flow(remote: SocketAddress, outgoing: boolean): DatagramFlow {
    const key = addressKey(remote);
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    if (this.#flows.size >= this.fabric.limits.flows) {
      this.refuse('flows');
      const [oldest] = this.#flows.values();
      oldest?.close('overflow');
    }
    const flow = new DatagramFlow(this.fabric, this, {
      ...this.flowEnds(outgoing),
      local: this.bound ?? { address: this.address, port: 0 },
      remote: { address: remote.address, port: remote.port },
    });
    if (this.bound === undefined) {
      flow.close('stopped');
    } else {
      this.#flows.set(key, flow);
      this.#byId.set(flow.id, flow);
    }
    return flow;
  }
}
