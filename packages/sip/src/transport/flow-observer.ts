import type { Flow } from './contract.ts';

/** Sees every SIP message that goes over the flows of a transport, as text, inside of TLS; no keep-alives. */
export interface FlowObserver {
  received(text: string, flow: Flow): void;
  sent(text: string, flow: Flow): void;
}
