import { canonicalHost } from '../message/host.ts';
import type { Transport, TransportProtocol } from './contract.ts';
import { defaultPort } from './default-port.ts';

interface Listener {
  readonly protocol: TransportProtocol;
  readonly port: number;
}

/** Under which hosts and ports the listeners of this element are known. */
export class ListenerNames {
  private readonly listeners = new Map<string, Listener[]>();

  constructor(transports: readonly Transport[]) {
    for (const transport of transports) {
      const { protocol, local, sentBy } = transport;
      for (const host of new Set(transport.hosts.flatMap((each) => [each, canonicalHost(each)]))) {
        if (local !== undefined) this.add(host, protocol, local.port);
        if (sentBy !== undefined) this.add(host, protocol, sentBy.port);
      }
    }
  }

  /** Host in lower case, IPv6 without brackets and spelt in any way (RFC 5954 4.1). Without a port, the protocol's default port is meant. */
  includes(host: string, port: number | undefined, protocol: TransportProtocol | undefined): boolean {
    const listeners = this.listeners.get(host) ?? this.listeners.get(canonicalHost(host));
    if (listeners === undefined) return false;
    for (const listener of listeners) {
      if (protocol !== undefined && listener.protocol !== protocol) continue;
      if (listener.port === (port ?? defaultPort(listener.protocol))) return true;
    }
    return false;
  }

  private add(host: string, protocol: TransportProtocol, port: number): void {
    const listeners = this.listeners.get(host);
    if (listeners === undefined) this.listeners.set(host, [{ protocol, port }]);
    else listeners.push({ protocol, port });
  }
}
