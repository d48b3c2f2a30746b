import { encodeUtf8, NameAddr, parseUri, SyntaxFault } from '@switchhook/sip';
import type { HeaderInit, Uri, WatchedDialog } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import type { FailureKind } from '../failure.ts';
import { partyOf } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { answered } from './answered.ts';
import { replacesOfDialog } from './dialog-watch.ts';

/** How a call is taken over. */
export interface TakeOverOptions {
  /** Leaves a call alone that has been answered meanwhile (RFC 3891 6.1). */
  readonly earlyOnly: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What may be another way to the same person: his contact is not reached from here, or not any more. */
const notReached: ReadonlySet<FailureKind> = new Set(['unreachable', 'unavailable', 'unknown', 'no-answer']);

/** RFC 3891 3: it was answered (486), is over (603), or there is no such dialog (481). */
const taken: ReadonlySet<number> = new Set([481, 486, 603]);

/**
 * Takes the place of somebody in his dialog: calls its far end with Replaces, at its contact, and where that is not reached
 * at its address (RFC 5359 2.15 F20, 2.16 F7). Resolves when the far end has agreed.
 */
export async function takeOver(host: ServiceHost, dialog: WatchedDialog, options: TakeOverOptions): Promise<Call> {
  const replaces = replacesOfDialog(dialog, options.earlyOnly);
  const { identity, target } = dialog.remote ?? {};
  const ways = [...new Set([target?.uri, identity?.uri])].map(uriOf).filter((uri) => uri !== undefined);
  const to = ways.at(-1);
  if (replaces === undefined || to === undefined) throw new PhoneError({ kind: 'forbidden' }, 'the call');
  const displayName = identity?.displayName === undefined ? undefined : encodeUtf8(identity.displayName);
  return firstReached(host, ways, NameAddr.of({ uri: to, displayName }), [replaces, ['Require', 'replaces']], options);
}

async function firstReached(
  host: ServiceHost,
  [way, ...others]: readonly Uri[],
  to: NameAddr,
  headers: readonly HeaderInit[],
  options: TakeOverOptions,
): Promise<Call> {
  if (way === undefined) throw new PhoneError({ kind: 'unreachable' }, to.uri.toString());
  const { signal } = options;
  const { name } = partyOf(to);
  try {
    return await answered(name, signal, () => host.dial(way, { to, headers }));
  } catch (error) {
    if (!(error instanceof PhoneError) || signal?.aborted === true) throw error;
    const { kind, status } = error.failure;
    if (others.length > 0 && notReached.has(kind)) return await firstReached(host, others, to, headers, options);
    if (status !== undefined && taken.has(status)) throw new PhoneError({ kind: 'taken', status }, name);
    throw error;
  }
}

function uriOf(text: string | undefined): Uri | undefined {
  const uri = text === undefined ? undefined : parseUri(encodeUtf8(text));
  return uri instanceof SyntaxFault ? undefined : uri;
}
