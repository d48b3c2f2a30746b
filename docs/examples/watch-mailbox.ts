import { messageSummary, Subscriber } from '@switchhook/sip';
import type { AbortSource, UserAgentCore } from '@switchhook/sip';

/**
 * Tells how many new voice messages there are, at once and whenever that changes, until the signal aborts. Resolves with
 * a word about how it ended.
 */
export async function watchMailbox(
  userAgent: UserAgentCore,
  mailbox: string,
  signal: AbortSource,
  show: (newMessages: number) => void,
): Promise<string> {
  const subscriber = new Subscriber(userAgent, [messageSummary]);
  userAgent.install(subscriber);
  const subscription = subscriber.subscribe({ package: messageSummary, target: mailbox, signal });
  for await (const { counts } of subscription) {
    show(counts.find(({ contextClass }) => contextClass === 'voice-message')?.newMessages ?? 0);
  }
  const end = await subscription.ended;
  switch (end.kind) {
    case 'unsubscribed':
      return 'good bye';
    case 'refused':
      return end.status === 404 ? 'there is no such mailbox' : `the mailbox says ${end.reason}`;
    case 'terminated':
      return end.reason === 'noresource' ? 'the mailbox is gone' : 'the mailbox is not for us any more';
    default:
      return 'the mailbox cannot be reached';
  }
}
