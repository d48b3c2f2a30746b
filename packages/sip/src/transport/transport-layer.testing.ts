import type { SipContext } from '../context.ts';
import { portableHashes } from '../auth/portable-hashes.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type {
  Destination,
  Flow,
  SocketAddress,
  Transport,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from './contract.ts';
import { DatagramEndpoint } from './datagram-endpoint.ts';
import { canReach } from './ip-address.ts';
import { FixedRandom, ManualClock } from './manual-clock.testing.ts';
import { EndpointBench } from './stream-endpoint.testing.ts';
import type { TransportUser } from './transport-layer.ts';

const silent = () => undefined;

export function testContext(): SipContext {
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return { clock: new ManualClock(), random: new FixedRandom(), hashes: portableHashes, log };
}

/** What both transports below have in common: one host, one port, and a start that may fail. */
abstract class BenchTransport implements Transport {
  readonly local: SocketAddress;
  readonly sentBy: SocketAddress;
  readonly hosts: readonly string[];
  failure: Error | undefined = undefined;
  running = false;
  abstract readonly protocol: TransportProtocol;

  constructor(address: string, port: number) {
    this.local = { address, port };
    this.sentBy = { address: 'sip.example.com', port };
    this.hosts = [address, 'sip.example.com'];
  }

  async start(receiver: TransportReceiver): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.running = true;
    this.open(receiver);
  }

  async stop(): Promise<void> {
    this.running = false;
    this.shut();
  }

  reaches(address: string): boolean {
    return canReach(this.local.address, address);
  }

  abstract connect(destination: Destination): Flow;
  abstract flow(id: number): Flow | undefined;
  abstract stats(): TransportStats;
  protected abstract open(receiver: TransportReceiver): void;
  protected abstract shut(): void;
}

export class BenchDatagramTransport extends BenchTransport {
  readonly protocol = 'UDP';
  readonly sent: { readonly text: string; readonly to: string }[] = [];
  readonly endpoint = new DatagramEndpoint({
    clock: new ManualClock(),
    random: new FixedRandom(),
    send: (text, { address, port }) => this.sent.push({ text, to: `${address} ${String(port)}` }),
  });

  connect(destination: Destination): Flow {
    return this.endpoint.connect(destination);
  }

  flow(id: number): Flow | undefined {
    return this.endpoint.flow(id);
  }

  stats(): TransportStats {
    return this.endpoint.stats();
  }

  protected override open(receiver: TransportReceiver): void {
    this.endpoint.start(receiver, this.local, this.sentBy);
  }

  protected override shut(): void {
    this.endpoint.stop();
  }
}

export class BenchStreamTransport extends BenchTransport {
  readonly protocol: TransportProtocol;
  readonly bench: EndpointBench;

  constructor(protocol: TransportProtocol, address: string, port: number) {
    super(address, port);
    this.protocol = protocol;
    this.bench = new EndpointBench(protocol);
  }

  connect(destination: Destination): Flow {
    return this.bench.endpoint.connect(destination);
  }

  flow(id: number): Flow | undefined {
    return this.bench.endpoint.flow(id);
  }

  stats(): TransportStats {
    return this.bench.endpoint.stats();
  }

  protected override open(receiver: TransportReceiver): void {
    this.bench.endpoint.start(receiver, this.sentBy);
  }

  protected override shut(): void {
    void this.bench.endpoint.stop();
  }
}

export class RecordingUser implements TransportUser {
  readonly requests: { readonly request: SipRequest; readonly flow: Flow }[] = [];
  readonly responses: { readonly response: SipResponse; readonly flow: Flow }[] = [];

  request(request: SipRequest, flow: Flow): void {
    this.requests.push({ request, flow });
  }

  response(response: SipResponse, flow: Flow): void {
    this.responses.push({ response, flow });
  }

  get last(): { readonly request: SipRequest; readonly flow: Flow } {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('no request came');
    return last;
  }
}
