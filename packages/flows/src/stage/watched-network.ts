import type { DatagramNetwork, DatagramPort, DatagramReceiver } from '@switchhook/media';

/** Payload types of RTCP packets, as the second octet has them (RFC 5761 4). */
const isControl = (data: Uint8Array): boolean => (data[1] ?? 0) >= 192 && (data[1] ?? 0) <= 223;

/** Octets of the header of RTP without anything behind it; of SRTP, what proves it comes on top (RFC 3711 3.1). */
const header = 12;
const longestTag = 10;

/** What a packet is; RTP in which there is nothing keeps a port open (RFC 6263), and is no sound. */
export type PacketKind = 'RTP' | 'RTCP' | 'keep-alive';

function kindOf(data: Uint8Array): PacketKind {
  if (isControl(data)) return 'RTCP';
  const isRtp = (data[0] ?? 0) >> 6 === 2 && data.length >= header;
  const identifiers = 4 * ((data[0] ?? 0) & 0x0f);
  return isRtp && data.length > header + identifiers + longestTag ? 'RTP' : 'keep-alive';
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
