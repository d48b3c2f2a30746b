import { SyntaxFault } from '../message/fault.ts';
import { SipUri } from '../message/sip-uri.ts';
import type { Binding } from './binding.ts';

/**
 * Whether the contact may still be reached when the connection that it registered over has ended: not over
 * WebSocket (RFC 7118 5), not when the phone keeps its own flows (RFC 5626 7), and not from behind a NAT, where the
 * contact names another address than the one the connection came from.
 */
export function survivesFlow(binding: Binding): boolean {
  const { received, regId } = binding;
  if (received === undefined || received.protocol === 'WS' || received.protocol === 'WSS') return false;
  const uri = SipUri.parse(binding.contact);
  return regId === undefined && !(uri instanceof SyntaxFault) && uri.host === received.address;
}
