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

/** Whether the connection that the contact registered over has ended: it may be reached by a new one, or not any more. */
export function hasLostConnection({ received, flow }: Binding): boolean {
  return received !== undefined && received.protocol !== 'UDP' && flow === undefined;
}

/** The same binding once its connection has ended. */
export function withoutFlow(binding: Binding): Binding {
  const copy: { -readonly [Key in keyof Binding]: Binding[Key] } = { ...binding };
  delete copy.flow;
  return copy;
}
