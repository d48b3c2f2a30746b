import { decodeUtf8, encodeUtf8, NameAddr, parseUri, referTo, SipUri, SyntaxFault } from '@switchhook/sip';
import type { ReferredDialog, Uri, WatchedDialog } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { failureOfRequest, failureOfResponse, failureOfStatus, PhoneError } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { partyOf, partyOfUri } from '../party.ts';
import type { Party } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { longestOf, replacesOfDialog, whyNone } from './dialog-watch.ts';
import { takeOver } from './take-over.ts';
import { takingPlaceOf } from './transfer.ts';

/** A call that was parked. */
export interface ParkedCall {
  /** Who waits there. */
  readonly who: Party;
  /** Where: the address that the one who keeps it has called from. Whoever retrieves the call asks there. */
  readonly slot: Party;
  /** What it takes to retrieve it without asking; undefined where the park server has not told. */
  readonly dialog: WatchedDialog | undefined;
}

/** Which of several parked calls is taken; `signal` gives it up. */
export interface RetrieveOptions {
  /** Whose call to take where several are parked: an address. The one that has waited longest without it. */
  readonly whom?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Parks a call (RFC 5359 2.15): asks a park server to take this side's place in it. Resolves when the server has, and the
 * far end then ends the call here; where that fails the call is as it was.
 */
export async function park(host: ServiceHost, call: Call, lot: Uri): Promise<ParkedCall> {
  const { session } = call;
  if (session === undefined) {
    throw new PhoneError({ kind: call.state === 'ended' ? 'ended' : 'not-now' }, call.remote.name);
  }
  const server = partyOfUri(lot);
  const { dialog } = session;
  const referral = host.referrals.refer({
    target: lot,
    referTo: referTo(dialog.remoteTarget, takingPlaceOf(dialog)),
    referredBy: NameAddr.of({ uri: host.home }),
  });
  const outcome = await referral.outcome;
  switch (outcome.kind) {
    case 'succeeded':
      return parked(call, server, outcome.dialog);
    case 'failed':
      throw new PhoneError(failureOfStatus(outcome), server.name);
    case 'refused':
      throw new PhoneError(failureOfResponse(outcome.response), server.name);
    case 'unreachable':
      throw new PhoneError(failureOfRequest(outcome.failure), server.name);
    case 'unknown':
      // Nobody says what came of it: a far end that has left was taken over.
      if (call.state === 'ended') return parked(call, server, undefined);
      throw new PhoneError(noWord, server.name);
  }
}

const noWord: Failure = { kind: 'unreachable', code: 'timeout' };

function parked({ remote }: Call, server: Party, dialog: ReferredDialog | undefined): ParkedCall {
  if (dialog === undefined) return { who: remote, slot: server, dialog: undefined };
  const { callId, from, to, contact } = dialog;
  return {
    who: remote,
    slot: partyOf(from),
    dialog: {
      id: callId,
      callId: decodeUtf8(callId),
      localTag: from.tag,
      remoteTag: to.tag,
      state: 'confirmed',
      routeSet: [],
      remote: {
        identity: { uri: remote.uri, displayName: remote.name },
        target: { uri: decodeUtf8((contact ?? to).uri.toString()), parameters: [] },
      },
    },
  };
}

/**
 * Takes a call from where it is parked (RFC 5359 2.15): `from` is the address of the slot, or what {@link park} resolved
 * with. Resolves when it is this phone's.
 */
export async function retrieve(
  host: ServiceHost,
  from: Uri | ParkedCall,
  { whom, signal }: RetrieveOptions = {},
): Promise<Call> {
  if ('slot' in from && from.dialog !== undefined) {
    return takeOver(host, from.dialog, { earlyOnly: false, signal });
  }
  const slot = 'slot' in from ? host.read(from.slot.uri) : from;
  const wanted = whom === undefined ? undefined : host.read(whom);
  const dialogs = await host.dialogWatch.dialogsOf(slot, signal);
  const longest = longestOf(
    dialogs
      .filter((dialog) => dialog.state === 'confirmed' && replacesOfDialog(dialog, false) !== undefined)
      .filter((dialog) => wanted === undefined || isWith(dialog, wanted)),
  );
  if (longest === undefined) throw new PhoneError({ kind: whyNone(dialogs) }, partyOfUri(slot).name);
  return takeOver(host, longest, { earlyOnly: false, signal });
}

/** The server may know no more of him than his contact, whose port is nobody's name. */
function isWith({ remote }: WatchedDialog, wanted: Uri): boolean {
  return [remote?.identity?.uri, remote?.target?.uri].some((text) => {
    const uri = text === undefined ? undefined : parseUri(encodeUtf8(text));
    if (uri instanceof SipUri && wanted instanceof SipUri) return uri.user === wanted.user && uri.host === wanted.host;
    return uri !== undefined && !(uri instanceof SyntaxFault) && uri.toString() === wanted.toString();
  });
}
