import type { DatagramNetwork, DatagramPort, DatagramReceiver } from '@switchhook/media';

/** Payload types of RTCP packets, as the second octet has them (RFC 5761 4). */
const isControl = (data: Uint8Array): boolean => (data[1] ?? 0) >= 192 && (data[1] ?? 0) <= 223;

/** What a packet that went out is. */
export type PacketKind = 'RTP' | 'RTCP';

/** A network that tells of every packet that goes out. */
export class WatchedNetwork implements DatagramNetwork {
  readonly #network: DatagramNetwork;
  readonly #sent: (address: string, port: number, kind: PacketKind) => void;
  readonly #opened: (address: string, port: number) => void;

  /** `sent` is told where a packet goes; `opened`, which port is this side's. */
  constructor(
    network: DatagramNetwork,
    sent: (address: string, port: number, kind: PacketKind) => void,
    opened: (address: string, port: number) => void,
  ) {
    this.#network = network;
    this.#sent = sent;
    this.#opened = opened;
  }

  async bind(address: string, port: number, receive: DatagramReceiver): Promise<DatagramPort | undefined> {
    const opened = await this.#network.bind(address, port, receive);
    if (opened === undefined) return undefined;
    this.#opened(address, opened.port);
    return {
      port: opened.port,
      send: (data, toPort, to) => {
        this.#sent(to, toPort, isControl(data) ? 'RTCP' : 'RTP');
        opened.send(data, toPort, to);
      },
      close: () => opened.close(),
    };
  }

  localAddress(remote: string | undefined, ipv6: boolean): Promise<string> {
    return this.#network.localAddress(remote, ipv6);
  }
}
