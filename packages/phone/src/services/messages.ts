import type { InstantMessages, Uri } from '@switchhook/sip';
import { failureOfRequest, failureOfResponse } from '../failure.ts';
import type { Failure } from '../failure.ts';

/** Sends a text (RFC 3428). Undefined when the far end has taken it, or a server in its place. */
export async function sendMessage(messages: InstantMessages, uri: Uri, text: string): Promise<Failure | undefined> {
  const outcome = await messages.send(uri, text);
  if ('code' in outcome) return failureOfRequest(outcome);
  return outcome.status < 300 ? undefined : failureOfResponse(outcome);
}
