import type { Destination, TransportProtocol } from './contract.ts';
import { FixedRandom, ManualClock } from './manual-clock.testing.ts';
import { RecordingReceiver } from './recording-receiver.testing.ts';
import { StreamEndpoint } from './stream-endpoint.ts';
import type { BytePipe, StreamFlow } from './stream-flow.ts';
import { defaultStreamLimits } from './stream-limits.ts';
import type { StreamLimits } from './stream-limits.ts';

/** A pipe that keeps what was written; `pending` is what the test says. */
export class RecordingPipe implements BytePipe {
  readonly written: string[] = [];
  pending = 0;
  state: 'open' | 'ending' | 'destroyed' = 'open';

  write(text: string): void {
    this.written.push(text);
  }

  end(): void {
    this.state = 'ending';
  }

  destroy(): void {
    this.state = 'destroyed';
  }
}

export class EndpointBench {
  readonly clock = new ManualClock();
  readonly receiver = new RecordingReceiver();
  readonly endpoint: StreamEndpoint;
  readonly outgoing: { readonly destination: Destination; readonly flow: StreamFlow; readonly pipe: RecordingPipe }[] =
    [];

  constructor(protocol: TransportProtocol = 'TCP', limits: Partial<StreamLimits> = {}) {
    this.endpoint = new StreamEndpoint({
      clock: this.clock,
      random: new FixedRandom(0),
      protocol,
      limits: { ...defaultStreamLimits, ...limits },
      connector: (destination, flow) => {
        const pipe = new RecordingPipe();
        this.outgoing.push({ destination, flow, pipe });
        return pipe;
      },
    });
    this.endpoint.start(this.receiver, { address: 'sip.example.com', port: 5060 });
  }

  /** A connection from the far end, open. */
  accept(port = 40_000, address = '192.0.2.1'): { flow: StreamFlow; pipe: RecordingPipe } {
    const accepted = this.tryAccept(port, address);
    if (accepted === undefined) throw new Error('refused');
    accepted.flow.opened();
    return accepted;
  }

  tryAccept(port: number, address = '192.0.2.1'): { flow: StreamFlow; pipe: RecordingPipe } | undefined {
    const pipe = new RecordingPipe();
    const flow = this.endpoint.accept(pipe, { address, port }, { address: '192.0.2.9', port: 5060 });
    return flow && { flow, pipe };
  }
}
