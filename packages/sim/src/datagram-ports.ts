import { canonicalHost } from '@switchhook/sip';
import type { SocketAddress } from '@switchhook/sip';
import { copyOfBytes } from './copied-bytes.ts';
import { sendDatagram } from './datagram-delivery.ts';
import { addressKey, type Datagram, type DatagramListener, type Fabric, type HostRecord } from './fabric.ts';

type Receiver = (data: Uint8Array, address: string, port: number) => void;

/** One port of a host that sends and gets bytes, at one or more of its addresses; it sends from the first. */
export class SimulatedDatagramPort implements DatagramListener {
  readonly port: number;
  readonly #fabric: Fabric;
  readonly #host: HostRecord;
  readonly #locals: readonly SocketAddress[];
  readonly #receive: Receiver;
  #open = true;

  constructor(fabric: Fabric, host: HostRecord, locals: readonly SocketAddress[], receive: Receiver) {
    this.port = locals[0]?.port ?? 0;
    this.#fabric = fabric;
    this.#host = host;
    this.#locals = locals;
    this.#receive = receive;
    for (const local of locals) host.datagram.set(addressKey(local), this);
  }

  send(data: Uint8Array, port: number, address: string): void {
    const [local] = this.#locals;
    if (this.#open && local !== undefined) {
      sendDatagram(this.#fabric, this.#host, copyOfBytes(data), local, { address, port });
    }
  }

  receive(datagram: Datagram, source: SocketAddress): void {
    const bytes = typeof datagram === 'string' ? bytesOf(datagram) : datagram;
    this.#receive(bytes, source.address, source.port);
  }

  close(): void {
    if (this.#open) for (const local of this.#locals) this.#host.datagram.delete(addressKey(local));
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

  /**
   * A port of an address of the host, or of all of a family for `0.0.0.0` and `::`; undefined when it is taken, or the
   * host does not have that address.
   */
  bind(address: string, port: number, receive: Receiver): Promise<SimulatedDatagramPort | undefined> {
    const { addresses, datagram } = this.#host;
    const isAny = address === '0.0.0.0' || address === '::';
    const locals = addresses
      .filter((own) =>
        isAny ? own.includes(':') === (address === '::') : canonicalHost(own) === canonicalHost(address),
      )
      .map((own) => ({ address: own, port }));
    const isFree = locals.length > 0 && !locals.some((local) => datagram.has(addressKey(local)));
    return Promise.resolve(isFree ? new SimulatedDatagramPort(this.#fabric, this.#host, locals, receive) : undefined);
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
