import type {
  Clock,
  Destination,
  Flow,
  PeerIdentity,
  SocketAddress,
  Transport,
  TransportError,
  TransportErrorCode,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';
import type { CapturedMessage } from './capture-format.ts';

/** Takes messages down. {@link CaptureFile} is one. */
export interface MessageRecorder {
  record(message: CapturedMessage): void;
}

/** `transport`, with every message that comes or goes told to `recorder`. Where it is not used it costs nothing. */
export function capturing(transport: Transport, recorder: MessageRecorder, clock: Clock): Transport {
  return new CapturingTransport(transport, recorder, clock);
}

class CapturingTransport implements Transport {
  readonly #transport: Transport;
  readonly #recorder: MessageRecorder;
  readonly #clock: Clock;
  /** One wrapper a flow, so that whoever compares flows still can. */
  readonly #flows = new WeakMap<Flow, CapturingFlow>();

  constructor(transport: Transport, recorder: MessageRecorder, clock: Clock) {
    this.#transport = transport;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  get protocol(): TransportProtocol {
    return this.#transport.protocol;
  }

  get local(): SocketAddress | undefined {
    return this.#transport.local;
  }

  get sentBy(): SocketAddress | undefined {
    return this.#transport.sentBy;
  }

  get hosts(): readonly string[] {
    return this.#transport.hosts;
  }

  reaches(address: string): boolean {
    return this.#transport.reaches(address);
  }

  start(receiver: TransportReceiver): Promise<void> {
    return this.#transport.start({
      nextFlowId: () => receiver.nextFlowId(),
      message: (text, flow) => {
        this.#record(flow.remote, flow.local, text);
        receiver.message(text, this.#wrap(flow));
      },
      broken: (text, status, reason, flow) => {
        this.#record(flow.remote, flow.local, text);
        receiver.broken(text, status, reason, this.#wrap(flow));
      },
    });
  }

  stop(): Promise<void> {
    return this.#transport.stop();
  }

  connect(destination: Destination): Flow {
    return this.#wrap(this.#transport.connect(destination));
  }

  flow(id: number): Flow | undefined {
    const flow = this.#transport.flow(id);
    return flow === undefined ? undefined : this.#wrap(flow);
  }

  stats(): TransportStats {
    return this.#transport.stats();
  }

  #wrap(flow: Flow): Flow {
    const known = this.#flows.get(flow);
    if (known !== undefined) return known;
    const wrapper = new CapturingFlow(flow, (text) => this.#record(flow.local, flow.remote, text));
    this.#flows.set(flow, wrapper);
    return wrapper;
  }

  #record(from: SocketAddress, to: SocketAddress, text: string): void {
    this.#recorder.record({ time: this.#clock.date(), from, to, protocol: this.#transport.protocol, text });
  }
}

class CapturingFlow implements Flow {
  readonly #flow: Flow;
  readonly #record: (text: string) => void;

  constructor(flow: Flow, record: (text: string) => void) {
    this.#flow = flow;
    this.#record = record;
  }

  get id(): number {
    return this.#flow.id;
  }

  get protocol(): TransportProtocol {
    return this.#flow.protocol;
  }

  get reliable(): boolean {
    return this.#flow.reliable;
  }

  get secure(): boolean {
    return this.#flow.secure;
  }

  get local(): SocketAddress {
    return this.#flow.local;
  }

  get remote(): SocketAddress {
    return this.#flow.remote;
  }

  get peer(): PeerIdentity | undefined {
    return this.#flow.peer;
  }

  get outgoing(): boolean {
    return this.#flow.outgoing;
  }

  get serverName(): string | undefined {
    return this.#flow.serverName;
  }

  get closed(): boolean {
    return this.#flow.closed;
  }

  get sentBy(): string {
    return this.#flow.sentBy;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    this.#record(text);
    this.#flow.send(text, onError);
  }

  onClose(listener: (error: TransportError) => void): () => void {
    return this.#flow.onClose(listener);
  }

  close(reason: TransportErrorCode): void {
    this.#flow.close(reason);
  }

  keepAlive(flowTimer?: number): void {
    this.#flow.keepAlive(flowTimer);
  }

  acceptAlias(port: number): void {
    this.#flow.acceptAlias(port);
  }
}
