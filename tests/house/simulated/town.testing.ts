import { parseMessage, SipRequest, SipResponse } from '@switchhook/sip';
import type { Destination, ResolutionError, Resolver, TransportProtocol, SipUri } from '@switchhook/sip';
import { SimulatedNetwork, SeededRandom, VirtualClock } from '@switchhook/sim';
import type { LinkQuality } from '@switchhook/sim';

export type Link = Partial<LinkQuality>;

/** What a town still holds of what went on in it; empty when all is over. */
export interface Inhabitant {
  readonly name: string;
  leftOvers(): readonly string[];
  stop(): Promise<void>;
}

const ports: Readonly<Record<TransportProtocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };

function protocolOf(uri: SipUri): TransportProtocol {
  if (uri.transport === 'ws') return uri.scheme === 'sips' ? 'WSS' : 'WS';
  if (uri.scheme === 'sips' || uri.transport === 'tls') return 'TLS';
  return uri.transport === 'tcp' ? 'TCP' : 'UDP';
}

/** A network under a virtual clock, with names for its hosts. Who moves in is stopped with it. */
export class Town implements Resolver {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly seed: number;
  /** For each name the servers behind it, best first, as RFC 3263 would find them. */
  readonly names = new Map<string, readonly string[]>();
  /** Destinations that were said to have failed. */
  readonly failed: Destination[] = [];
  readonly #inhabitants: Inhabitant[] = [];

  constructor(seed = 1, link: Link = {}) {
    this.seed = seed;
    this.network = new SimulatedNetwork(this.clock, new SeededRandom(seed), { link });
  }

  async moveIn<T extends Inhabitant & { start(): Promise<void> }>(inhabitant: T): Promise<T> {
    this.#inhabitants.push(inhabitant);
    await inhabitant.start();
    return inhabitant;
  }

  resolve(uri: SipUri): readonly Destination[] | ResolutionError {
    const protocol = protocolOf(uri);
    const host = uri.parameters.get('maddr') ?? uri.host;
    const addresses = /^[\d.]+$|:/.test(host) ? [host] : this.names.get(host);
    if (addresses === undefined) return { code: 'no-records', temporary: false, message: `${host} has no address` };
    const port = uri.port ?? ports[protocol];
    return addresses.map((address) => ({ protocol, address, port, serverName: uri.host }));
  }

  markFailed(destination: Destination): void {
    this.failed.push(destination);
  }

  /** Who said what to whom, what was lost left out. */
  ladder(): string[] {
    return this.network.trace.entries
      .filter(({ fate }) => fate === 'delivered')
      .map(({ from, to, text }) => `${from.host} > ${to.host} ${nameOf(text)}`);
  }

  /** All that did not come to an end, by the names of those who hold it. */
  leftOvers(): string[] {
    return this.#inhabitants.flatMap((each) => each.leftOvers().map((what) => `${each.name}: ${what}`));
  }

  async stop(): Promise<void> {
    for (const each of this.#inhabitants) await each.stop();
  }
}

function nameOf(text: string): string {
  const message = parseMessage(text);
  if (message instanceof SipRequest) return message.method;
  return message instanceof SipResponse ? `${String(message.status)} ${message.cseqMethod}` : '?';
}
