import type { Clock, RandomSource } from '../context.ts';
import type {
  Destination,
  Flow,
  SocketAddress,
  TransportError,
  TransportReceiver,
  TransportStats,
} from './contract.ts';
import { DatagramFlow } from './datagram-flow.ts';
import { hostPort } from './ip-address.ts';
import { bindingResponse, looksLikeStun, parseStun } from './stun.ts';
import { TransportCounters } from './transport-counters.ts';

/** Sends one datagram; an error that the machine tells at once reaches `onError`. */
export type DatagramSender = (
  text: string,
  remote: SocketAddress,
  onError: ((error: TransportError) => void) | undefined,
) => void;

/** What the flows of a datagram transport are built from; no socket is among it. */
export interface DatagramEndpointOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly send: DatagramSender;
  /** Address pairs remembered at once, those that somebody holds not counted. */
  readonly maximumFlows?: number | undefined;
}

const printable = 0x20;
/**
 * Milliseconds for which it holds that the machine took a datagram for a far end. To be told so of each one costs a tenth of
 * sending it. Whoever hears nothing repeats his request after this time (T1), and is told then that it cannot go.
 */
const toldFor = 500;
/** Characters of a datagram that is surely not too long to be sent. */
const surelyShort = 1_300;
/** Flows that are found without a look-up, by the lowest bits of their ports. */
const recentFlows = 256;

/** One UDP socket's flows: an object for each far end heard of lately, and the keep-alives between them. */
export class DatagramEndpoint {
  readonly clock: Clock;
  readonly random: RandomSource;
  local: SocketAddress = { address: '0.0.0.0', port: 0 };
  sentBy = '';
  private readonly send: DatagramSender;
  private readonly generationSize: number;
  private readonly counters = new TransportCounters();
  private receiver: TransportReceiver | undefined = undefined;
  /** Flows used since the last change of generation, and those used in the generation before it. */
  private young = new Map<string, DatagramFlow>();
  private old = new Map<string, DatagramFlow>();
  private readonly byId = new Map<number, DatagramFlow>();
  /** Of this generation. */
  private readonly recent = new Array<DatagramFlow | undefined>(recentFlows).fill(undefined);

  constructor(options: DatagramEndpointOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.send = options.send;
    this.generationSize = Math.ceil((options.maximumFlows ?? 65_536) / 2);
  }

  start(receiver: TransportReceiver, local: SocketAddress, sentBy: SocketAddress): void {
    this.receiver = receiver;
    this.local = local;
    this.sentBy = hostPort(sentBy.address, sentBy.port);
  }

  stop(): void {
    for (const flow of [...this.byId.values()]) flow.close('stopped');
    this.receiver = undefined;
  }

  /** A datagram came. */
  received(text: string, address: string, port: number): void {
    if (this.receiver === undefined) return;
    if (text.charCodeAt(0) >= printable) {
      this.counters.received += 1;
      const flow = this.flowBetween(address, port, false, this.receiver);
      this.receiver.message(text, flow);
    } else if (looksLikeStun(text)) {
      this.receivedStun(text, { address, port });
    } else {
      this.receivedPadded(text, address, port);
    }
  }

  /** A datagram that came was dropped for a limit of who hands them over. */
  refuse(limit: string): void {
    this.counters.refuse(limit);
  }

  connect(destination: Destination): Flow {
    if (this.receiver === undefined) throw new TypeError('the transport is not started');
    return this.flowBetween(destination.address, destination.port, true, this.receiver);
  }

  flow(id: number): Flow | undefined {
    return this.byId.get(id);
  }

  stats(): TransportStats {
    return this.counters.stats(this.byId.size);
  }

  transmit(text: string, flow: DatagramFlow, onError: ((error: TransportError) => void) | undefined): void {
    this.counters.sent += 1;
    const now = this.clock.now();
    if (onError === undefined || (now - flow.askedAt < toldFor && text.length <= surelyShort)) {
      this.send(text, flow.remote, undefined);
      return;
    }
    flow.askedAt = now;
    this.send(text, flow.remote, (error) => {
      flow.askedAt = -Infinity;
      onError(error);
    });
  }

  transmitStun(text: string, flow: DatagramFlow): void {
    this.send(text, flow.remote, undefined);
  }

  gone(flow: DatagramFlow): void {
    const place = flow.remote.port % recentFlows;
    if (this.recent[place] === flow) this.recent[place] = undefined;
    this.byId.delete(flow.id);
    const key = hostPort(flow.remote.address, flow.remote.port);
    if (this.young.get(key) === flow) this.young.delete(key);
    if (this.old.get(key) === flow) this.old.delete(key);
  }

  private receivedStun(text: string, source: SocketAddress): void {
    const message = parseStun(text);
    const flow = this.refreshed(hostPort(source.address, source.port));
    if (message === undefined) {
      this.counters.refuse('stun');
    } else if (message.kind !== 'request') {
      flow?.stunAnswer(message);
    } else {
      const answer = bindingResponse(message, source);
      if (answer !== undefined) this.send(answer, source, undefined);
    }
  }

  /** Line breaks or zeros keep a NAT open and want no answer; a message may follow them (RFC 3261 7.5). */
  private receivedPadded(text: string, address: string, port: number): void {
    let start = 0;
    while (start < text.length && (text.charCodeAt(start) === 13 || text.charCodeAt(start) === 10)) start += 1;
    if (start > 0 && text.charCodeAt(start) >= printable) this.received(text.slice(start), address, port);
    else if (start < text.length && text.charCodeAt(start) !== 0) this.counters.refuse('garbage');
    else this.refreshed(hostPort(address, port));
  }

  /** The flow of that key when it is known; it counts as used now. */
  private refreshed(key: string): DatagramFlow | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const flow = this.old.get(key);
    if (flow === undefined) return undefined;
    this.old.delete(key);
    this.remember(key, flow);
    return flow;
  }

  private flowBetween(address: string, port: number, outgoing: boolean, receiver: TransportReceiver): DatagramFlow {
    const recent = this.recent[port % recentFlows];
    if (recent?.remote.port === port && recent.remote.address === address) return recent;
    const key = hostPort(address, port);
    let flow = this.refreshed(key);
    if (flow === undefined) {
      flow = new DatagramFlow(this, receiver.nextFlowId(), { address, port }, outgoing);
      this.byId.set(flow.id, flow);
      this.remember(key, flow);
    }
    this.recent[port % recentFlows] = flow;
    return flow;
  }

  /** Forgets the flows that nobody used for a whole generation and nobody holds. */
  private remember(key: string, flow: DatagramFlow): void {
    if (this.young.size >= this.generationSize) {
      const forgotten = this.old;
      this.old = this.young;
      this.young = new Map();
      this.recent.fill(undefined);
      for (const [oldKey, forgettable] of forgotten) {
        if (forgettable.held) this.old.set(oldKey, forgettable);
        else this.byId.delete(forgettable.id);
      }
    }
    this.young.set(key, flow);
  }
}
