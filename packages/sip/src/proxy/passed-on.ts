import type { SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';
import type { Challenge } from './best-response.ts';

const none: readonly never[] = [];

/**
 * A response as it goes on to `flow`: without this proxy's Via (RFC 3261 16.7 step 3) and without what is not for others.
 * Nearly every one loses that one line. Undefined for a response without another Via that can be read: it was never
 * meant to go on.
 */
export function passedOn(
  response: SipResponse,
  flow: Flow,
  removeHeaders: readonly string[] = none,
  challenges: readonly Challenge[] = none,
): SipResponse | undefined {
  const { furtherVia } = response;
  if (furtherVia === undefined) return undefined;
  const message = response.withoutTopVia(furtherVia);
  const removed = removeHeaders.filter((name) => response.has(name));
  const wantsLength = flow.reliable && !response.has('Content-Length');
  if (removed.length === 0 && challenges.length === 0 && !wantsLength) return message;
  const edit = message.edit();
  for (const name of removed) edit.remove(name);
  for (const { name, value } of challenges) edit.append(name, value);
  if (wantsLength) {
    // What a datagram ended by itself has to say so on a stream (RFC 3261 18.3).
    edit.set('Content-Length', String(response.body.length));
  }
  return edit.toMessage();
}
