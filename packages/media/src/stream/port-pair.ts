import type { RandomSource } from '@switchhook/sip';
import type { DatagramNetwork, DatagramPort, DatagramReceiver } from './datagram-network.ts';

/** The ports that pairs may take, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Below the ports that systems hand out themselves. */
export const defaultPortRange: PortRange = { first: 16_384, last: 32_767 };

/** An even port for RTP and the odd one above it for RTCP (RFC 3550 11). */
export interface PortPair {
  readonly media: DatagramPort;
  readonly control: DatagramPort;
}

/** Opens pairs of ports out of a range, from a different place every time, so that they are not easily guessed. */
export class PortPairs {
  private readonly network: DatagramNetwork;
  private readonly random: RandomSource;
  private readonly address: string;
  private readonly range: PortRange;
  private readonly inUse = new Set<number>();

  constructor(network: DatagramNetwork, random: RandomSource, address: string, range: PortRange) {
    this.network = network;
    this.random = random;
    this.address = address;
    this.range = range;
  }

  get open(): number {
    return this.inUse.size;
  }

  /** The next pair that is free; undefined when there is none in the whole range. */
  async take(media: DatagramReceiver, control: DatagramReceiver): Promise<PortPair | undefined> {
    const first = this.range.first + (this.range.first % 2);
    const count = Math.floor((this.range.last - first + 1) / 2);
    const start = Math.floor(this.random.fraction() * count);
    for (let tried = 0; tried < count; tried += 1) {
      const port = first + 2 * ((start + tried) % count);
      if (this.inUse.has(port)) continue;
      this.inUse.add(port);
      const pair = await this.bind(port, media, control);
      if (pair !== undefined) return pair;
      this.inUse.delete(port);
    }
    return undefined;
  }

  /** Closes both ports of a pair. */
  release(pair: PortPair): void {
    pair.media.close();
    pair.control.close();
    this.inUse.delete(pair.media.port);
  }

  private async bind(
    port: number,
    receiveMedia: DatagramReceiver,
    receiveControl: DatagramReceiver,
  ): Promise<PortPair | undefined> {
    const media = await this.network.bind(this.address, port, receiveMedia);
    if (media === undefined) return undefined;
    const control = await this.network.bind(this.address, port + 1, receiveControl);
    if (control !== undefined) return { media, control };
    media.close();
    return undefined;
  }
}
