import type { Destination, Flow, SocketAddress, TransportError } from '@switchhook/sip';
import { addressKey, type Fabric, type HostRecord, type Route } from './fabric.ts';
import { travelTime } from './link.ts';
import { SimulatedFlow, transportError, type FlowEnds } from './simulated-flow.ts';
import { SimulatedTransport, type TransportOptions } from './simulated-transport.ts';
import type { Fate, TraceEntry } from './trace.ts';

/** What fits into one UDP datagram over IPv4. */
const maximumDatagram = 65_507;

class DatagramFlow extends SimulatedFlow {
  readonly #transport: DatagramTransport;

  constructor(fabric: Fabric, transport: DatagramTransport, ends: FlowEnds) {
    super(fabric, ends);
    this.#transport = transport;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
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

  /** Sends one datagram into the network, which may lose, delay or double it. */
  transmit(text: string, source: SocketAddress, destination: SocketAddress): void {
    this.sent += 1;
    const { fabric, host } = this;
    const route = fabric.route(host, 'datagram', source, destination);
    if (typeof route === 'string') {
      this.#trace(text, source, destination, '', route);
      return;
    }
    const link = fabric.links.quality(host.name, route.host.name);
    this.#launch(text, source, route);
    if (link.duplication > 0 && fabric.random.fraction() < link.duplication) this.#launch(text, source, route);
  }

  receive(text: string, source: SocketAddress): void {
    this.received += 1;
    const flow = this.#flow(source, false);
    if (flow.takes(text)) this.receiver?.message(text, flow);
  }

  protected flowCount(): number {
    return this.#flows.size;
  }

  protected closeAll(): void {
    for (const flow of [...this.#flows.values()]) flow.close('stopped');
  }

  protected listen(key: string): void {
    this.ports().set(key, this);
  }

  protected ports(): Map<string, DatagramTransport> {
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

  #launch(text: string, source: SocketAddress, route: Route): void {
    const { fabric, host } = this;
    const link = fabric.links.quality(host.name, route.host.name);
    const fate = this.#fate(route, link.loss);
    const entry = this.#trace(text, source, route.target, route.host.name, fate);
    if (fate !== 'under way') return;
    let time = travelTime(link, fabric.random);
    if (link.reordering > 0 && fabric.random.fraction() < link.reordering) time += link.heldBack;
    fabric.datagramsUnderWay += 1;
    fabric.clock.after(time, () => {
      fabric.datagramsUnderWay -= 1;
      const receiver = route.host.datagram.get(addressKey(route.target));
      entry.arrived = fabric.clock.now();
      entry.fate = receiver === undefined ? 'unheard' : 'delivered';
      receiver?.receive(text, route.source);
    });
  }

  #fate(route: Route, loss: number): Fate {
    const { fabric } = this;
    if (fabric.links.parted(this.host.name, route.host.name)) return 'parted';
    if (loss > 0 && fabric.random.fraction() < loss) return 'lost';
    return fabric.datagramsUnderWay < fabric.limits.datagramsUnderWay ? 'under way' : 'lost';
  }

  #trace(text: string, source: SocketAddress, target: SocketAddress, host: string, fate: Fate): TraceEntry {
    const entry: TraceEntry = {
      time: this.fabric.clock.now(),
      arrived: undefined,
      fate,
      protocol: 'UDP',
      from: { host: this.host.name, address: source.address, port: source.port },
      to: { host, address: target.address, port: target.port },
      text,
    };
    this.fabric.trace.add(entry);
    return entry;
  }
}
