import { registrationEvent } from '@switchhook/sip';
import type { AbortSource, Subscriber } from '@switchhook/sip';

/** Tells which telephones are registered for an address, and each change, until the signal aborts. */
export async function watchTelephones(
  subscriber: Subscriber,
  addressOfRecord: string,
  signal: AbortSource,
  show: (line: string) => void,
): Promise<void> {
  const subscription = subscriber.subscribe({ package: registrationEvent, target: addressOfRecord, signal });
  for await (const [registration] of subscription) {
    for (const { uri, state, event } of registration?.contacts ?? []) show(`${uri} is ${state}: ${event}`);
  }
}
