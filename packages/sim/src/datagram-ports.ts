import type { SocketAddress } from '@switchhook/sip';
import { sendDatagram } from './datagram-delivery.ts';
import { addressKey, type Datagram, type DatagramListener, type Fabric, type HostRecord } from './fabric.ts';

type Receiver = (data: Uint8Array, address: string, port: number) => void;

/** One port of a host that sends and gets bytes. */
export class SimulatedDatagramPort implements DatagramListener {
  readonly port: number;
  readonly #fabric: Fabric;
  readonly #host: HostRecord;
  readonly #local: SocketAddress;
  readonly #receive: Receiver;
  #open = true;

  constructor(fabric: Fabric, host: HostRecord, local: SocketAddress, receive: Receiver) {
    this.port = local.port;
    this.#fabric = fabric;
    this.#host = host;
    this.#local = local;
    this.#receive = receive;
    host.datagram.set(addressKey(local), this);
  }

  send(data: Uint8Array, port: number, address: string): void {
    if (this.#open) sendDatagram(this.#fabric, this.#host, data.slice(), this.#local, { address, port });
  }

  receive(datagram: Datagram, source: SocketAddress): void {
    const bytes = typeof datagram === 'string' ? bytesOf(datagram) : datagram.slice();
    this.#receive(bytes, source.address, source.port);
  }

  close(): void {
    if (this.#open) this.#host.datagram.delete(addressKey(this.#local));
    this.#open = false;
  }
}

/** The ports of a simulated host, for media: what `@switchhook/media` calls a DatagramNetwork. */
export class SimulatedDatagramPorts {
  readonly #fabric: Fabric;
  readonly #host: HostRecord;

  constructor(fabric: Fabric, host: HostRecord) {
    this.#fabric = fabric;
    this.#host = host;
  }

  /** A port of an address of the host; undefined when it is taken, or the host does not have that address. */
  bind(address: string, port: number, receive: Receiver): Promise<SimulatedDatagramPort | undefined> {
    const local = { address, port };
    const { addresses, datagram } = this.#host;
    if (!addresses.includes(address) || datagram.has(addressKey(local))) return Promise.resolve(undefined);
    return Promise.resolve(new SimulatedDatagramPort(this.#fabric, this.#host, local, receive));
  }

  /** The host's first address of the family. */
  localAddress(remote: string | undefined, ipv6: boolean): Promise<string> {
    const wanted = remote === undefined ? ipv6 : remote.includes(':');
    const found = this.#host.addresses.find((address) => address.includes(':') === wanted);
    return Promise.resolve(found ?? this.#host.addresses[0] ?? '');
  }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/** The text with a character for each byte. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
