import { encodeUtf8, Join, SyntaxFault } from '@switchhook/sip';
import type { HeaderInit, Uri, WatchedDialog } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { answered } from './answered.ts';

/** `signal` gives joining up. */
export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Joins the call that somebody is in and lets this phone know of (RFC 5359 2.11, RFC 3911); of several the last one that was
 * answered. Resolves when he has let this phone in.
 */
export async function join(host: ServiceHost, target: Uri, { signal }: JoinOptions = {}): Promise<Call> {
  const dialogs = await host.dialogWatch.dialogsOf(target, signal);
  const [header] = dialogs
    .filter(({ state }) => state === 'confirmed')
    .toSorted((one, other) => (one.duration ?? 0) - (other.duration ?? 0))
    .map(joinOfDialog)
    .filter((each) => each !== undefined);
  const { name } = partyOfUri(target);
  if (header === undefined) throw new PhoneError({ kind: 'no-call' }, name);
  return answered(name, signal, () => host.dial(target, { headers: [header, ['Require', 'join']] }));
}

/** Join for an INVITE to whose dialog it is: his own tag there is the local one (RFC 3911 4). */
function joinOfDialog({ callId = '', localTag = '', remoteTag = '' }: WatchedDialog): HeaderInit | undefined {
  const text = encodeUtf8(`${callId};to-tag=${localTag};from-tag=${remoteTag}`);
  const read = Join.parse(text);
  if (read instanceof SyntaxFault || read.callId !== callId) return undefined;
  return read.toTag === localTag && read.fromTag === remoteTag ? ['Join', text] : undefined;
}
