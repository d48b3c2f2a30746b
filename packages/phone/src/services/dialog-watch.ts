import { dialogEvent, encodeUtf8, Replaces, SyntaxFault } from '@switchhook/sip';
import type {
  AbortSource,
  HeaderInit,
  Subscription,
  SubscriptionEnd,
  Uri,
  WatchedDialog,
  WatchedDialogs,
} from '@switchhook/sip';
import { failureOfRequest, failureOfStatus, PhoneError, throwIfGivenUp } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';

/** The dialogs of others, as far as they let this phone see them (RFC 4235). */
export class DialogWatch {
  readonly #host: Pick<ServiceHost, 'subscriber'>;
  readonly #standing = new Map<string, Subscription<WatchedDialogs>>();

  constructor(host: Pick<ServiceHost, 'subscriber'>) {
    this.#host = host;
  }

  /** Watches somebody until the subscription is given up. It has one reader. */
  watch(target: Uri, signal?: AbortSource): Subscription<WatchedDialogs> {
    const { uri } = partyOfUri(target);
    const subscription = this.#host.subscriber.subscribe({ package: dialogEvent, target, signal });
    this.#standing.set(uri, subscription);
    void subscription.ended.then(() => {
      if (this.#standing.get(uri) === subscription) this.#standing.delete(uri);
    });
    return subscription;
  }

  /** The dialogs of somebody at this moment: what is known of one who is watched, else what he says (RFC 5359 2.16 F3). */
  async dialogsOf(target: Uri, signal?: AbortSignal): Promise<readonly WatchedDialog[]> {
    const { uri, name } = partyOfUri(target);
    throwIfGivenUp(name, signal);
    const known = this.#standing.get(uri)?.latest;
    if (known !== undefined) return known.dialogs;
    const fetch = this.#host.subscriber.subscribe({ package: dialogEvent, target, expires: 0, signal });
    for await (const { dialogs } of fetch) return dialogs;
    throwIfGivenUp(name, signal);
    throw new PhoneError(failureOfSubscription(await fetch.ended), name);
  }
}

/** Why somebody does not tell of his dialogs, or not any more. */
export function failureOfSubscription(end: SubscriptionEnd): Failure {
  switch (end.kind) {
    case 'refused':
      return failureOfStatus(end);
    case 'failed':
      return failureOfRequest(end.failure);
    case 'unanswered':
      return { kind: 'unreachable', code: 'timeout' };
    // A NOTIFY without anything in it: he has not decided, or does not want this side to know.
    case 'fetched':
    case 'terminated':
      return { kind: 'forbidden' };
    case 'unsubscribed':
      return { kind: 'cancelled' };
    case 'stopped':
      return { kind: 'ended' };
  }
}

/**
 * Replaces for an INVITE to the far end of somebody's dialog (RFC 3891 4): its own tag there is his remote one. Undefined
 * where he has not told what it takes, or nothing that can stand in a header field.
 */
export function replacesOfDialog(dialog: WatchedDialog, earlyOnly: boolean): HeaderInit | undefined {
  const { callId = '', localTag = '', remoteTag = '' } = dialog;
  const text = encodeUtf8(`${callId};to-tag=${remoteTag};from-tag=${localTag}${earlyOnly ? ';early-only' : ''}`);
  const read = Replaces.parse(text);
  if (read instanceof SyntaxFault || read.callId !== callId) return undefined;
  return read.toTag === remoteTag && read.fromTag === localTag ? ['Replaces', text] : undefined;
}

/** The dialog that has stood longest. */
export function longestOf(dialogs: readonly WatchedDialog[]): WatchedDialog | undefined {
  return dialogs.toSorted((one, other) => (other.duration ?? 0) - (one.duration ?? 0))[0];
}

/** Why none of somebody's dialogs can be taken: there is none, or he tells of them, but not what it takes. */
export function whyNone(dialogs: readonly WatchedDialog[]): 'no-call' | 'forbidden' {
  return dialogs.some(({ state, callId }) => state !== 'terminated' && callId === undefined) ? 'forbidden' : 'no-call';
}
