import { isIpv4, isIpv6 } from '../message/host.ts';
import type { Via } from '../message/headers/via.ts';
import type { Destination, Flow } from './contract.ts';
import { defaultPort, isTransportProtocol } from './default-port.ts';
import { withoutZone } from './ip-address.ts';

/**
 * Where a response goes that came in answer to a datagram (RFC 3261 18.2.2, RFC 3581 4), by its top Via; undefined for
 * the very flow. The source address is the flow's: what the Via says about it may be invented. So may a maddr be, which
 * is there for multicast: one that names somebody else would send the response to him.
 */
export function datagramResponseRoute(via: Via, flow: Flow): Destination | undefined {
  const port = via.port ?? defaultPort('UDP');
  const multicast = via.maddr;
  if (multicast !== undefined && isMulticast(bare(multicast)))
    return { protocol: 'UDP', address: bare(multicast), port };
  if (via.rport !== undefined || port === flow.remote.port) return undefined;
  return { protocol: 'UDP', address: flow.remote.address, port };
}

/**
 * Where a response goes when only its top Via is there to tell, or when the connection that the request came over is
 * gone: a new one to the address in `received` at the port of sent-by (18.2.2). Undefined where a lookup would be
 * needed, and for WebSockets, whose clients nobody can connect to.
 */
export function viaResponseRoute(via: Via): Destination | undefined {
  if (!isTransportProtocol(via.protocol) || via.protocol === 'WS' || via.protocol === 'WSS') return undefined;
  const address = via.received ?? via.host;
  if (!isAddress(address)) return undefined;
  const given = via.protocol === 'UDP' && typeof via.rport === 'number' ? via.rport : via.port;
  return { protocol: via.protocol, address, port: given ?? defaultPort(via.protocol), serverName: via.host };
}

/** As {@link viaResponseRoute}, for a request whose source is known. */
export function reconnectRoute(via: Via, flow: Flow): Destination | undefined {
  const route = viaResponseRoute(via);
  return route && { ...route, address: withoutZone(flow.remote.address) };
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** 224.0.0.0/4 and ff00::/8. */
function isMulticast(address: string): boolean {
  if (isIpv6(address)) return /^ff/i.test(address);
  const first = Number.parseInt(address, 10);
  return isIpv4(address) && first >= 224 && first < 240;
}

function isAddress(host: string): boolean {
  return isIpv4(host) || isIpv6(bare(host));
}
