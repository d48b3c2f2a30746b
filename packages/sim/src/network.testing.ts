import type { Flow, Transport, TransportReceiver } from '@switchhook/sip';
import { SimulatedNetwork } from './network.ts';
import type { NetworkOptions } from './fabric.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Takes what a transport hands up and keeps it. */
export class Recorder implements TransportReceiver {
  readonly texts: string[] = [];
  readonly flows: Flow[] = [];
  #nextFlow = 1;

  nextFlowId(): number {
    const id = this.#nextFlow;
    this.#nextFlow += 1;
    return id;
  }

  message(text: string, flow: Flow): void {
    this.texts.push(text);
    this.flows.push(flow);
  }

  broken(text: string): void {
    throw new Error(`broken: ${text}`);
  }
}

export function simulation(options: NetworkOptions = {}, seed = 1): { clock: VirtualClock; network: SimulatedNetwork } {
  const clock = new VirtualClock();
  return { clock, network: new SimulatedNetwork(clock, new SeededRandom(seed), options) };
}

export async function started(transport: Transport): Promise<Recorder> {
  const recorder = new Recorder();
  await transport.start(recorder);
  return recorder;
}
