import type { Via } from '../message/headers/via.ts';
import { SipRequest } from '../message/message.ts';
import type { Flow } from './contract.ts';
import { withoutZone } from './ip-address.ts';

/**
 * The top Via of a request with the address it really came from: `received` where sent-by is something else
 * (RFC 3261 18.2.1), `received` and `rport` where the client asks for the port (RFC 3581 4). Values that the client
 * put there itself are replaced: they would send the responses to somebody else. Undefined when nothing has to change.
 * A WebSocket is left alone: its responses know no other way anyhow (RFC 7118 5.3).
 */
export function viaWithSource(via: Via, flow: Flow): string | undefined {
  if (flow.protocol === 'WS' || flow.protocol === 'WSS') return undefined;
  const source = withoutZone(flow.remote.address);
  const asksForPort = via.rport !== undefined;
  if (!asksForPort && via.received === undefined && via.host === source) return undefined;
  const text = via.toString();
  if (via.received === undefined && !text.includes('"')) {
    if (!asksForPort) return `${text};received=${source}`;
    const rport = emptyRport(text);
    if (rport >= 0) {
      return `${text.slice(0, rport)}=${String(flow.remote.port)}${text.slice(rport)};received=${source}`;
    }
  }
  const parameters = via.parameters.with('received', source);
  return via
    .with({ parameters: asksForPort ? parameters.with('rport', String(flow.remote.port)) : parameters })
    .toString();
}

/** The request with what {@link viaWithSource} changes in it. */
export function requestWithSource(request: SipRequest, flow: Flow): SipRequest {
  const via = request.topVia;
  const changed = viaWithSource(via, flow);
  if (changed === undefined) return request;
  const start = request.index.valueStart(request.index.first('Via'));
  const end = start + via.toString().length;
  return SipRequest.fromOwnText(request.text.slice(0, start) + changed + request.text.slice(end));
}

/** The position behind an `rport` parameter without value in a Via without quotes, as most clients write it; else -1. */
function emptyRport(text: string): number {
  const start = text.indexOf(';rport');
  const end = start + ';rport'.length;
  return start >= 0 && (end === text.length || text.charCodeAt(end) === 0x3b) /* ; */ ? end : -1;
}
