import type { DatagramNetwork, DatagramPort, DatagramReceiver } from '@switchhook/media';
import type { SocketAddress } from '@switchhook/sip';

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

/** A datagram on the media path. */
export interface WatchedPacket {
  readonly kind: PacketKind;
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  /** The caller's again when whoever is told of it returns. */
  readonly data: Uint8Array;
}

/** Is told what passes at somebody's ports. */
export interface Watcher {
  /** Which port is this side's. */
  opened?(address: string, port: number): void;
  sent(packet: WatchedPacket): void;
  received?(packet: WatchedPacket): void;
}

/** A network that tells of every packet that goes out, and of those that come where somebody asks. */
export class WatchedNetwork implements DatagramNetwork {
  readonly #network: DatagramNetwork;
  readonly #watcher: Watcher;

  constructor(network: DatagramNetwork, watcher: Watcher) {
    this.#network = network;
    this.#watcher = watcher;
  }

  async bind(address: string, port: number, receive: DatagramReceiver): Promise<DatagramPort | undefined> {
    const watcher = this.#watcher;
    let own: SocketAddress = { address, port };
    const tell: DatagramReceiver = (data, from, fromPort) => {
      watcher.received?.({ kind: kindOf(data), from: { address: from, port: fromPort }, to: own, data });
      receive(data, from, fromPort);
    };
    const opened = await this.#network.bind(address, port, watcher.received === undefined ? receive : tell);
    if (opened === undefined) return undefined;
    own = { address, port: opened.port };
    watcher.opened?.(address, opened.port);
    return {
      port: opened.port,
      send: (data, toPort, to) => {
        watcher.sent({ kind: kindOf(data), from: own, to: { address: to, port: toPort }, data });
        opened.send(data, toPort, to);
      },
      close: () => opened.close(),
    };
  }

  localAddress(remote: string | undefined, ipv6: boolean): Promise<string> {
    return this.#network.localAddress(remote, ipv6);
  }
}
