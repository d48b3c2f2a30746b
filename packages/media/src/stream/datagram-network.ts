/**
 * What streams ask of a network: ports to send datagrams from and to get them at. `UdpNetwork` brings the sockets of
 * the machine; a simulated network can bring the same on a clock of its own.
 */

/** Takes a datagram. It may keep the bytes: they are nobody else's. `address` is an IP address without brackets. */
export type DatagramReceiver = (data: Uint8Array, address: string, port: number) => void;

/** A port that is open until it is closed. */
export interface DatagramPort {
  readonly port: number;
  /**
   * Sends a datagram, or loses it: nobody hears of it. The bytes are the caller's again when this returns. Does nothing
   * once the port is closed.
   */
  send(data: Uint8Array, port: number, address: string): void;
  /** Gives the port back. Nothing is received any more, even what has come already. */
  close(): void;
}

/** Where streams get their ports: the sockets of a machine, or of a network that is made up. */
export interface DatagramNetwork {
  /** Opens that port of that address of the machine; undefined when it is taken or cannot be had. Never rejects. */
  bind(address: string, port: number, receive: DatagramReceiver): Promise<DatagramPort | undefined>;
  /**
   * The address of this machine from which datagrams to `remote` go out; where `remote` is undefined or unreachable, the
   * one that most others are likely to reach. `ipv6` says of which family it has to be where `remote` does not.
   */
  localAddress(remote: string | undefined, ipv6: boolean): Promise<string>;
}
