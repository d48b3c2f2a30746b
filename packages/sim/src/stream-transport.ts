import type { Destination, Flow, PeerIdentity, SocketAddress, TransportErrorCode } from '@switchhook/sip';
import { addressKey, type Route } from './fabric.ts';
import { StreamFlow, type StreamOwner } from './stream-flow.ts';
import { SimulatedTransport } from './simulated-transport.ts';
import type { TraceEntry } from './trace.ts';

function proves(identity: PeerIdentity | undefined, name: string): boolean {
  return identity?.domains.some((domain) => domain.toLowerCase() === name.toLowerCase()) ?? false;
}

/** TCP, TLS, WS or WSS of a simulated host. */
export class StreamTransport extends SimulatedTransport implements StreamOwner {
  readonly #flows = new Map<number, StreamFlow>();
  readonly #byRemote = new Map<string, Set<StreamFlow>>();
  /** RFC 5923: the other address that a connection is listed under. */
  readonly #aliases = new Map<StreamFlow, string>();

  connect(destination: Destination): Flow {
    const fitting = this.#fitting(destination);
    if (fitting !== undefined) return fitting;
    const flow = new StreamFlow(this.fabric, this, {
      ...this.flowEnds(true),
      local: { address: this.address, port: this.ephemeralPort() },
      remote: { address: destination.address, port: destination.port },
      serverName: destination.serverName ?? destination.address,
    });
    if (this.bound === undefined) flow.close('stopped');
    else if (this.#full()) flow.close('overflow');
    else this.#open(flow);
    return flow;
  }

  trace(text: string, flow: StreamFlow, far: StreamFlow): TraceEntry {
    this.sent += 1;
    const entry: TraceEntry = {
      time: this.fabric.clock.now(),
      arrived: undefined,
      fate: 'under way',
      protocol: this.protocol,
      from: { host: this.host.name, ...flow.local },
      to: { host: far.owner.host.name, ...far.local },
      text,
    };
    this.fabric.trace.add(entry);
    return entry;
  }

  deliver(text: string, flow: StreamFlow): void {
    this.received += 1;
    this.receiver?.message(text, flow);
  }

  flow(id: number): Flow | undefined {
    return this.#flows.get(id);
  }

  forget(flow: StreamFlow): void {
    this.#flows.delete(flow.id);
    this.#unlist(addressKey(flow.remote), flow);
    const alias = this.#aliases.get(flow);
    this.#aliases.delete(flow);
    if (alias !== undefined) this.#unlist(alias, flow);
  }

  alias(flow: StreamFlow, port: number): void {
    if (this.#aliases.has(flow)) return;
    const key = addressKey({ address: flow.remote.address, port });
    this.#aliases.set(flow, key);
    this.#list(key, flow);
  }

  protected flowCount(): number {
    return this.#flows.size;
  }

  protected closeAll(reason: TransportErrorCode): void {
    for (const flow of [...this.#flows.values()]) flow.close(reason);
  }

  protected listen(key: string): void {
    if (this.local !== undefined) this.ports().set(key, this);
  }

  protected ports(): Map<string, StreamTransport> {
    return this.host.stream;
  }

  #full(): boolean {
    const full = this.#flows.size >= this.fabric.limits.flows;
    if (full) this.refuse('flows');
    return full;
  }

  #fitting(destination: Destination): StreamFlow | undefined {
    const name = destination.serverName ?? destination.address;
    for (const flow of this.#byRemote.get(addressKey(destination)) ?? []) {
      if (!flow.secure || flow.serverName === name || proves(flow.peer, name)) return flow;
    }
    return undefined;
  }

  #remember(flow: StreamFlow): void {
    this.#flows.set(flow.id, flow);
    this.#list(addressKey(flow.remote), flow);
  }

  #list(key: string, flow: StreamFlow): void {
    const siblings = this.#byRemote.get(key);
    if (siblings === undefined) this.#byRemote.set(key, new Set([flow]));
    else siblings.add(flow);
  }

  #unlist(key: string, flow: StreamFlow): void {
    const siblings = this.#byRemote.get(key);
    siblings?.delete(flow);
    if (siblings?.size === 0) this.#byRemote.delete(key);
  }

  #open(flow: StreamFlow): void {
    this.#remember(flow);
    flow.open({
      arrived: (route) => {
        if (!flow.closed) this.#knock(flow, route);
      },
      failed: (fate) => {
        flow.close(fate === 'unroutable' ? 'unreachable' : 'timeout');
      },
    });
  }

  /** The opening has reached the other host: who is there, and who does he say he is? */
  #knock(flow: StreamFlow, route: Route): void {
    const listener = route.host.stream.get(addressKey(route.target));
    if (listener?.protocol !== this.protocol) {
      this.#turnAway(flow, route, 'refused');
    } else if (flow.secure && !proves(listener.identity, flow.serverName ?? '')) {
      this.#turnAway(flow, route, 'certificate');
    } else if (listener.#full()) {
      this.#turnAway(flow, route, 'refused');
    } else {
      listener.#accept(flow, route.target, route.source);
    }
  }

  #turnAway(flow: StreamFlow, route: Route, reason: TransportErrorCode): void {
    const { delay } = this.fabric.links.quality(route.host.name, this.host.name);
    this.fabric.clock.after(delay, () => {
      flow.close(reason);
    });
  }

  #accept(caller: StreamFlow, local: SocketAddress, remote: SocketAddress): void {
    const flow = new StreamFlow(this.fabric, this, { ...this.flowEnds(false), local, remote, serverName: undefined });
    this.#remember(flow);
    const callerIdentity = caller.owner instanceof StreamTransport ? caller.owner.identity : undefined;
    flow.established(caller, flow.secure ? callerIdentity : undefined);
    flow.pipe.push({
      arrived: () => {
        if (caller.closed) flow.close('closed');
        else caller.established(flow, flow.secure ? this.identity : undefined);
      },
      failed: () => {
        flow.close('timeout');
        caller.close('timeout');
      },
    });
  }
}
