import { networkInterfaces } from 'node:os';
import { isIpv6Address, isUnspecified } from '@switchhook/sip';
import type { SocketAddress } from '@switchhook/sip';

/** How a listener is called in public. */
export interface PublicName {
  /** What is written into Via and Record-Route; without a port, the port it listens on. */
  readonly sentBy?: { readonly address: string; readonly port?: number } | undefined;
  /** Other hosts that mean this listener. */
  readonly hosts?: readonly string[] | undefined;
}

/** The public name of a listener, or of something that only connects; an address of the machine where none is given. */
export function publicAddress(name: PublicName, bound: SocketAddress): SocketAddress {
  const [own = bound.address] = addressesOf(bound.address);
  return { address: name.sentBy?.address ?? own, port: name.sentBy?.port ?? bound.port };
}

/** Every host that means a listener bound to that address. */
export function hostsOf(name: PublicName, bound: string): string[] {
  const hosts = [
    ...addressesOf(bound),
    ...(name.sentBy === undefined ? [] : [name.sentBy.address]),
    ...(name.hosts ?? []),
  ];
  return [...new Set(hosts.map((host) => host.toLowerCase()))];
}

/** The addresses that packets to a bound address come to: itself, or all of its family, those others can use first. */
function addressesOf(bound: string): string[] {
  if (!isUnspecified(bound)) return [bound];
  const family = isIpv6Address(bound) ? 'IPv6' : 'IPv4';
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter((entry) => entry.family === family && !entry.address.startsWith('fe80:'));
  return usable.sort((a, b) => Number(a.internal) - Number(b.internal)).map(({ address }) => address);
}
