import { isIPv6 } from 'node:net';
import type { SocketAddress } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { sessionDescriptionOf } from '../conversation/session-description.ts';

/** Whose an RTP port is: of those of this house, which say so; of devices, by what they write into their descriptions. */
export class MediaOwners {
  readonly #strangers: readonly string[];
  readonly #owners = new Map<string, string>();

  constructor(strangers: readonly string[]) {
    this.#strangers = strangers;
  }

  open(address: string, port: number, element: string): void {
    this.#owners.set(placeOf(address, port), element);
  }

  /** Learns from what a device says where it wants to have its sound. */
  learn({ from, message }: SaidMessage): void {
    if (message === undefined || !this.#strangers.includes(from)) return;
    for (const { address, port } of sessionDescriptionOf(message)?.media ?? []) {
      if (port !== 0) this.#owners.set(placeOf(address, port), from);
    }
  }

  /** Who it is; the address itself when nobody can say. */
  of({ address, port }: SocketAddress): string {
    const place = placeOf(address, port);
    // Behind a NAT a port is another one: of one device it can be told all the same.
    return this.#owners.get(place) ?? (this.#strangers.length === 1 ? (this.#strangers[0] ?? place) : place);
  }
}

/** An address of IPv6 can be written in several ways; a URL has it in one (RFC 5952). */
function placeOf(address: string, port: number): string {
  return `${isIPv6(address) ? new URL(`http://[${address}]`).hostname : address} ${port}`;
}
