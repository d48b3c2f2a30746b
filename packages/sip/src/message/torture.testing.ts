import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { SyntaxFault } from './fault.ts';
import { MalformedMessage, parseMessage, SipRequest, SipResponse } from './message.ts';

const folder = new URL('../../torture/', import.meta.url);

/** A file of RFC 4475, a character a byte. */
export function rfc4475(name: string): string {
  return readFileSync(new URL(`rfc4475/${name}`, folder), 'latin1');
}

/**
 * A file of RFC 5118. Its archive has lost the carriage returns and here and there the empty line; with them back, the
 * body is longer than its Content-Length says.
 */
export function rfc5118(name: string): string {
  const text = readFileSync(new URL(`rfc5118/${name}`, folder), 'latin1').replaceAll('\n', '\r\n');
  const [headers = '', body = ''] = text.split(/(?<=\r\n)\r\n/);
  return `${headers.replace(/(?<=Content-Length: )\d+/, String(body.length))}\r\n${body}`;
}

/** The request that the text has to be. */
export function requestOf(text: string): SipRequest {
  const message = parseMessage(text);
  if (message instanceof SipRequest) return message;
  throw new Error(message instanceof MalformedMessage ? message.fault.reason : 'a response');
}

/** The response that the text has to be. */
export function responseOf(text: string): SipResponse {
  const message = parseMessage(text);
  if (message instanceof SipResponse) return message;
  throw new Error(message instanceof MalformedMessage ? message.fault.reason : 'a request');
}

/** The fault that the text has to have. */
export function faultOf(text: string): SyntaxFault {
  const message = parseMessage(text);
  if (message instanceof MalformedMessage) return message.fault;
  throw new Error('a message where there should be none');
}

/** The value, once it is sure that it is one. */
export function valid<T>(value: T | SyntaxFault | undefined): T {
  expect(value).toBeDefined();
  expect(value).not.toBeInstanceOf(SyntaxFault);
  if (value === undefined || value instanceof SyntaxFault) throw new Error('no value');
  return value;
}
