import type { TransportProtocol } from './contract.ts';

/** The port meant by a sent-by or a URI that gives none (RFC 3261 18.2.2, RFC 7118 5.5). */
export function defaultPort(protocol: TransportProtocol): number {
  switch (protocol) {
    case 'UDP':
    case 'TCP':
      return 5060;
    case 'TLS':
      return 5061;
    case 'WS':
      return 80;
    case 'WSS':
      return 443;
  }
}

export function isTransportProtocol(name: string): name is TransportProtocol {
  return name === 'UDP' || name === 'TCP' || name === 'TLS' || name === 'WS' || name === 'WSS';
}
