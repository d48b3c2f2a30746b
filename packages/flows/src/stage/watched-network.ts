import type { DatagramNetwork, DatagramPort, DatagramReceiver } from '@switchhook/media';

/** Payload types of RTCP packets, as the second octet has them (RFC 5761 4). */
const isControl = (data: Uint8Array): boolean => (data[1] ?? 0) >= 192 && (data[1] ?? 0) <= 223;

/** What a packet is. */
export type PacketKind = 'RTP' | 'RTCP';

function kindOf(data: Uint8Array): PacketKind {
  return isControl(data) ? 'RTCP' : 'RTP';
}

/** A network that tells of every packet that goes out, and of those that come where somebody asks. */
export class WatchedNetwork implements DatagramNetwork {
  readonly #network: DatagramNetwork;
  readonly #sent: (address: string, port: number, kind: PacketKind) => void;
  readonly #opened: (address: string, port: number) => void;
  readonly #received: ((address: string, port: number, kind: PacketKind) => void) | undefined;

  /** `sent` is told where a packet goes; `opened`, which port is this side's; `received`, where one comes from. */
  constructor(
    network: DatagramNetwork,
    sent: (address: string, port: number, kind: PacketKind) => void,
    opened: (address: string, port: number) => void,
    received?: (address: string, port: number, kind: PacketKind) => void,
  ) {
    this.#network = network;
    this.#sent = sent;
    this.#opened = opened;
    this.#received = received;
  }

  async bind(address: string, port: number, receive: DatagramReceiver): Promise<DatagramPort | undefined> {
    const received = this.#received;
    const tell: DatagramReceiver = (data, from, fromPort) => {
      received?.(from, fromPort, kindOf(data));
      receive(data, from, fromPort);
    };
    const opened = await this.#network.bind(address, port, received === undefined ? receive : tell);
    if (opened === undefined) return undefined;
    this.#opened(address, opened.port);
    return {
      port: opened.port,
      send: (data, toPort, to) => {
        this.#sent(to, toPort, kindOf(data));
        opened.send(data, toPort, to);
      },
      close: () => opened.close(),
    };
  }

  localAddress(remote: string | undefined, ipv6: boolean): Promise<string> {
    return this.#network.localAddress(remote, ipv6);
  }
}
