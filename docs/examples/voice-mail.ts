import { messageSummary, Notifier, SipUri } from '@switchhook/sip';
import type { MessageSummary, UserAgentCore } from '@switchhook/sip';

/** Tells the owner of each mailbox, and nobody else, what is in it. Publish with `publish(owner, summary)`. */
export function serveMailboxes(userAgent: UserAgentCore, owners: ReadonlySet<string>): Notifier<MessageSummary> {
  const notifier = new Notifier(userAgent, {
    package: messageSummary,
    authorize({ watcher }) {
      const { uri } = watcher.address;
      const owner = uri instanceof SipUri ? uri.addressOfRecord : '';
      // Whoever may send requests in somebody's name has to be kept out before this: a From proves nothing.
      return owners.has(owner) ? { kind: 'accept', resource: owner } : { kind: 'reject', status: 404 };
    },
  });
  userAgent.install(notifier);
  return notifier;
}
