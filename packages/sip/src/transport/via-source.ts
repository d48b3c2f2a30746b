import type { Via } from '../message/headers/via.ts';
import type { SipRequest } from '../message/message.ts';
import type { Flow } from './contract.ts';
import { withoutZone } from './ip-address.ts';

/**
 * The top Via of a request with the address it really came from: `received` where sent-by is something else
 * (RFC 3261 18.2.1), `received` and `rport` where the client asks for the port (RFC 3581 4). Values that the client
 * put there itself are replaced: they would send the responses to somebody else. Undefined when nothing has to change.
 * A WebSocket is left alone: its responses know no other way anyhow (RFC 7118 5.3).
 */
export function viaWithSource(via: Via, flow: Flow): string | undefined {
  if (isWebSocket(flow)) return undefined;
  const source = withoutZone(flow.remote.address);
  const portIsRight = via.rport === undefined || via.rport === flow.remote.port;
  const sourceIsNamed =
    via.received === undefined && via.rport === undefined ? via.host === source : via.received === source;
  if (portIsRight && sourceIsNamed) return undefined;
  const parameters = via.parameters.with('received', source);
  const isAskedForPort = via.rport !== undefined;
  return via
    .with({ parameters: isAskedForPort ? parameters.with('rport', String(flow.remote.port)) : parameters })
    .toString();
}

/** The request with what {@link viaWithSource} changes in it. */
export function requestWithSource(request: SipRequest, flow: Flow): SipRequest {
  const changed = viaWithSource(request.topVia, flow);
  return changed === undefined ? request : request.edit().replaceFirstValue('Via', changed).toMessage();
}

/**
 * The same before anything is parsed, for the requests that nearly all clients send: Via comes first, alone in its
 * line, and asks for the port. So they are parsed once and not twice. Anything else comes back as it is.
 */
export function textWithSource(text: string, flow: Flow): string {
  const start = text.indexOf('\r\n') + 2;
  if (!text.startsWith('Via:', start) || text.length > longestQuick || isWebSocket(flow)) return text;
  const end = text.indexOf('\r\n', start);
  if (end < 0 || isBlank(text.charCodeAt(end + 2)) || text.startsWith('SIP/')) return text;
  const via = text.slice(start, end);
  const rport = via.indexOf(';rport') + ';rport'.length;
  if (rport < ';rport'.length || (rport < via.length && via.charCodeAt(rport) !== 0x3b) /* ; */) return text;
  if (via.includes('"') || via.includes(',')) return text;
  const middle = start + rport;
  const source = withoutZone(flow.remote.address);
  const named = `=${String(flow.remote.port)}${text.slice(middle, end)};received=${source}`;
  // In one piece: every character is asked for, which takes a fifth longer in a text that is put together.
  return [text.slice(0, middle), named, text.slice(end)].join('');
}

/** Well below the limit of a message, so that what is added here never passes it. */
const longestQuick = 32_768;

function isWebSocket(flow: Flow): boolean {
  return flow.protocol === 'WS' || flow.protocol === 'WSS';
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
