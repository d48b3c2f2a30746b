import type { SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';
import type { Challenge } from './best-response.ts';

const none: readonly never[] = [];

/** A response as it goes on to `flow`: without this proxy's Via (RFC 3261 16.7 step 3) and without what is not for others. */
export function passedOn(
  response: SipResponse,
  flow: Flow,
  removeHeaders: readonly string[] = none,
  challenges: readonly Challenge[] = none,
): SipResponse {
  const edit = response.edit().removeFirstValue('Via');
  for (const name of removeHeaders) if (response.has(name)) edit.remove(name);
  for (const { name, value } of challenges) edit.append(name, value);
  if (flow.reliable && !response.has('Content-Length')) {
    // What a datagram ended by itself has to say so on a stream (RFC 3261 18.3).
    edit.set('Content-Length', String(response.body.length));
  }
  return edit.toMessage();
}
