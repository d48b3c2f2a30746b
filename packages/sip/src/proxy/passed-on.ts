import type { HeaderInit } from '../message/header.ts';
import type { SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';

const none: readonly never[] = [];

/** What a response gets and loses beside this proxy's Via. */
export interface ResponseChanges {
  readonly removeHeaders?: readonly string[] | undefined;
  /** Below values of the same name. */
  readonly headers?: readonly HeaderInit[];
}

const asItCame: ResponseChanges = {};

/**
 * A response as it goes on to `flow`: without this proxy's Via (RFC 3261 16.7 step 3) and without what is not for others.
 * Nearly every one loses that one line. Undefined for a response without another Via that can be read: it was never
 * meant to go on.
 */
export function passedOn(
  response: SipResponse,
  flow: Flow,
  { removeHeaders = none, headers = none }: ResponseChanges = asItCame,
): SipResponse | undefined {
  const { furtherVia } = response;
  if (furtherVia === undefined) return undefined;
  const message = response.withoutTopVia(furtherVia);
  const removed = removeHeaders.filter((name) => response.has(name));
  const wantsLength = flow.reliable && !response.has('Content-Length');
  if (removed.length === 0 && headers.length === 0 && !wantsLength) return message;
  const edit = message.edit();
  for (const name of removed) edit.remove(name);
  for (const [header, value] of headers) edit.append<unknown>(header, value);
  if (wantsLength) {
    // What a datagram ended by itself has to say so on a stream (RFC 3261 18.3).
    edit.set('Content-Length', String(response.body.length));
  }
  return edit.toMessage();
}
