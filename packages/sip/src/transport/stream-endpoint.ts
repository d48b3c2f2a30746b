import type { Clock, RandomSource } from '../context.ts';
import type {
  Destination,
  Flow,
  SocketAddress,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from './contract.ts';
import { hostPort } from './ip-address.ts';
import { StreamFlow } from './stream-flow.ts';
import type { BytePipe, StreamFlowOwner } from './stream-flow.ts';
import type { StreamLimits } from './stream-limits.ts';
import { TransportCounters } from './transport-counters.ts';
import { transportError } from './transport-error.ts';

/** Begins a connection. What becomes of it is told to the flow: `opened` or `ended`. */
export type Connector = (destination: Destination, flow: StreamFlow) => BytePipe;

/** What the connections of a stream transport are built from; no socket is among it. */
export interface StreamEndpointOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly protocol: TransportProtocol;
  readonly limits: StreamLimits;
  readonly connector: Connector;
}

/** All connections of one transport: which there are, which can be used again, and how many there may be. */
export class StreamEndpoint implements StreamFlowOwner {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly limits: StreamLimits;
  readonly protocol: TransportProtocol;
  readonly counters = new TransportCounters();
  sentBy = '';
  private readonly connector: Connector;
  private started: TransportReceiver | undefined = undefined;
  private readonly flows = new Map<number, StreamFlow>();
  /** By the far end's address and port; more than one where several names live at one address. */
  private readonly byRemote = new Map<string, Set<StreamFlow>>();
  private readonly aliases = new Map<StreamFlow, string>();
  private readonly acceptedByAddress = new Map<string, number>();
  /** What waits in the connections, or more: some of it may have been taken since it was counted. */
  private waiting = 0;
  private emptied: (() => void) | undefined = undefined;

  constructor(options: StreamEndpointOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.limits = options.limits;
    this.protocol = options.protocol;
    this.connector = options.connector;
  }

  get receiver(): TransportReceiver {
    if (this.started === undefined) throw new TypeError('the transport is not started');
    return this.started;
  }

  start(receiver: TransportReceiver, sentBy: SocketAddress): void {
    this.started = receiver;
    this.sentBy = hostPort(sentBy.address, sentBy.port);
  }

  /** Closes every connection and waits until the last is gone, at most the linger time-out. */
  async stop(): Promise<void> {
    for (const flow of [...this.flows.values()]) flow.close('stopped');
    if (this.flows.size > 0) {
      await new Promise<void>((resolve) => {
        this.emptied = resolve;
      });
    }
    this.started = undefined;
  }

  /** A connection that the far end opens, from its first packet on; undefined when the limits forbid it. */
  accept(pipe: BytePipe, remote: SocketAddress, local: SocketAddress): StreamFlow | undefined {
    const limit = this.limitReached(remote.address);
    if (this.started === undefined || limit !== undefined) {
      this.counters.refuse(limit ?? 'stopped');
      return undefined;
    }
    const flow = new StreamFlow(this, remote, local);
    flow.attach(pipe);
    this.acceptedByAddress.set(remote.address, (this.acceptedByAddress.get(remote.address) ?? 0) + 1);
    this.add(flow);
    return flow;
  }

  connect(destination: Destination): Flow {
    const name = destination.serverName ?? destination.address;
    for (const flow of this.byRemote.get(hostPort(destination.address, destination.port)) ?? []) {
      if (!flow.closed && flow.proves(name)) return flow;
    }
    const unbound = { address: destination.address.includes(':') ? '::' : '0.0.0.0', port: 0 };
    const flow = new StreamFlow(this, { address: destination.address, port: destination.port }, unbound, name, true);
    this.add(flow);
    if (this.flows.size > this.limits.maximumConnections) {
      this.counters.refuse('connections');
      flow.ended(transportError('overflow'));
    } else {
      flow.attach(this.connector(destination, flow));
    }
    return flow;
  }

  flow(id: number): Flow | undefined {
    const flow = this.flows.get(id);
    return flow?.closed === false ? flow : undefined;
  }

  stats(): TransportStats {
    return this.counters.stats(this.flows.size);
  }

  waits(change: number): void {
    this.waiting += change;
    if (this.waiting <= this.limits.maximumPendingInAll) return;
    let most: StreamFlow | undefined;
    let size = 0;
    this.waiting = 0;
    for (const flow of this.flows.values()) {
      const pending = flow.recount();
      this.waiting += pending;
      if (pending > size && !flow.closed) {
        size = pending;
        most = flow;
      }
    }
    if (this.waiting > this.limits.maximumPendingInAll) most?.overflow();
  }

  gone(flow: StreamFlow): void {
    if (!this.flows.delete(flow.id)) return;
    this.unlist(hostPort(flow.remote.address, flow.remote.port), flow);
    this.removeAlias(flow);
    if (!flow.outgoing) this.countDown(flow.remote.address);
    if (this.flows.size === 0) this.emptied?.();
  }

  /** One alias a connection: the latest takes the place of the one before. */
  alias(flow: StreamFlow, port: number): void {
    this.removeAlias(flow);
    const key = hostPort(flow.remote.address, port);
    this.aliases.set(flow, key);
    this.list(key, flow);
  }

  private limitReached(address: string): string | undefined {
    if (this.flows.size >= this.limits.maximumConnections) return 'connections';
    const accepted = this.acceptedByAddress.get(address) ?? 0;
    return accepted >= this.limits.maximumConnectionsPerAddress ? 'connections-per-address' : undefined;
  }

  private add(flow: StreamFlow): void {
    this.flows.set(flow.id, flow);
    this.list(hostPort(flow.remote.address, flow.remote.port), flow);
  }

  private list(key: string, flow: StreamFlow): void {
    const flows = this.byRemote.get(key);
    if (flows === undefined) this.byRemote.set(key, new Set([flow]));
    else flows.add(flow);
  }

  private unlist(key: string, flow: StreamFlow): void {
    const flows = this.byRemote.get(key);
    if (flows?.delete(flow) === true && flows.size === 0) this.byRemote.delete(key);
  }

  private removeAlias(flow: StreamFlow): void {
    const key = this.aliases.get(flow);
    if (key === undefined) return;
    this.aliases.delete(flow);
    if (key !== hostPort(flow.remote.address, flow.remote.port)) this.unlist(key, flow);
  }

  private countDown(address: string): void {
    const left = (this.acceptedByAddress.get(address) ?? 1) - 1;
    if (left > 0) this.acceptedByAddress.set(address, left);
    else this.acceptedByAddress.delete(address);
  }
}
