import { SyntaxFault } from '../message/fault.ts';
import { Via } from '../message/headers/via.ts';
import { reasonPhrase } from '../message/status-codes.ts';
import { SipRequest } from '../message/message.ts';
import type { MalformedMessage } from '../message/message.ts';
import type { Flow } from './contract.ts';
import { viaWithSource } from './via-source.ts';

export interface MalformedAnswer {
  readonly text: string;
  /** Undefined when it cannot be read: then only the flow itself leads back. */
  readonly via: Via | undefined;
}

const copied = ['From', 'To', 'Call-ID', 'CSeq'];

/**
 * The answer to a request that cannot be understood, with what of RFC 3261 8.2.6.2 the request has. Undefined where
 * silence is right: for a response, an ACK, and a request that does not say where an answer goes.
 */
export function malformedAnswer(
  malformed: MalformedMessage,
  flow: Flow,
  tag: () => string,
): MalformedAnswer | undefined {
  const request = malformed.message;
  if (!(request instanceof SipRequest) || request.method === 'ACK') return undefined;
  const via = topVia(request, flow);
  const vias = via === undefined ? viasAsTheyCame(request) : [via.toString(), ...request.rawAll(Via).slice(1)];
  if (vias.length === 0) return undefined;
  const { status, reason } = malformed.fault;
  let text = `SIP/2.0 ${String(status)} ${reasonPhrase(status)} (${reason})\r\n`;
  for (const value of vias) text += `Via: ${value}\r\n`;
  for (const name of copied) {
    const value = request.raw(name);
    if (value !== undefined) text += `${name}: ${value}${name === 'To' && !hasTag(value) ? `;tag=${tag()}` : ''}\r\n`;
  }
  return { text: `${text}Content-Length: 0\r\n\r\n`, via };
}

/** With the address that the request really came from. */
function topVia(request: SipRequest, flow: Flow): Via | undefined {
  const top = request.get(Via);
  if (top === undefined || top instanceof SyntaxFault) return undefined;
  const source = viaWithSource(top, flow);
  const via = source === undefined ? top : Via.parse(source);
  return via instanceof SyntaxFault ? undefined : via;
}

function viasAsTheyCame(request: SipRequest): string[] {
  const fields = [...request.headerFields()];
  return fields.filter(({ name }) => /^(?:via|v)$/i.test(name)).map(({ value }) => value);
}

function hasTag(to: string): boolean {
  return /;[ \t]*tag[ \t]*=/i.test(to.slice(to.lastIndexOf('>') + 1));
}
