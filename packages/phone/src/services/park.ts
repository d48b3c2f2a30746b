import { decodeUtf8, encodeUtf8, NameAddr, parseUri, referTo, SipUri, SyntaxFault } from '@switchhook/sip';
import type { ReferredDialog, Uri, WatchedDialog } from '@switchhook/sip';
import { untilGivenUp } from '../abortable.ts';
import type { Call } from '../call.ts';
import { failureOfRequest, failureOfResponse, failureOfStatus, PhoneError } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { partyOf, partyOfUri } from '../party.ts';
import type { Party } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { answered } from './answered.ts';
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
  call.parkedAt(server);
  const outcome = await referral.outcome;
  if (outcome.kind !== 'succeeded') call.parkedAt(undefined);
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

function parked(call: Call, server: Party, dialog: ReferredDialog | undefined): ParkedCall {
  const { remote } = call;
  if (dialog === undefined) return { who: remote, slot: server, dialog: undefined };
  const { callId, from, to, contact } = dialog;
  const slot = partyOf(from);
  call.parkedAt(slot);
  return {
    who: remote,
    slot,
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
 * with. Who is parked lets in whom he likes; where that is not this phone, and somebody keeps him who hands calls over, the slot is
 * called, and has this phone take his place. Resolves when the call is this phone's.
 */
export async function retrieve(
  host: ServiceHost,
  from: Uri | ParkedCall,
  { whom, signal }: RetrieveOptions = {},
): Promise<Call> {
  const slot = 'slot' in from ? host.read(from.slot.uri) : from;
  const known = 'slot' in from ? from.dialog : undefined;
  const dialog = known ?? (await findParked(host, slot, whom, signal));
  try {
    return await takeOver(host, dialog, { earlyOnly: false, signal });
  } catch (error) {
    if (!(error instanceof PhoneError) || error.failure.status !== 403) throw error;
    const told = known === undefined ? dialog : await toldOf(host, slot, known, signal);
    const keeper = told === undefined ? undefined : keeperOf(told);
    if (keeper === undefined) throw error;
    return handedOver(host, host.read(keeper), error, signal);
  }
}

/** The call that is taken of those that are parked somewhere. */
async function findParked(
  host: ServiceHost,
  slot: Uri,
  whom: string | undefined,
  signal: AbortSignal | undefined,
): Promise<WatchedDialog> {
  const wanted = whom === undefined ? undefined : host.read(whom);
  const dialogs = await host.dialogWatch.dialogsOf(slot, signal);
  const longest = longestOf(
    dialogs
      .filter((dialog) => dialog.state === 'confirmed' && replacesOfDialog(dialog, false) !== undefined)
      .filter((dialog) => wanted === undefined || isWith(dialog, wanted)),
  );
  if (longest === undefined) throw new PhoneError({ kind: whyNone(dialogs) }, partyOfUri(slot).name);
  return longest;
}

/** What its slot tells of a dialog that is known from elsewhere; undefined where it tells nothing. */
async function toldOf(
  host: ServiceHost,
  slot: Uri,
  { callId }: WatchedDialog,
  signal: AbortSignal | undefined,
): Promise<WatchedDialog | undefined> {
  const dialogs = await host.dialogWatch.dialogsOf(slot, signal).catch((): WatchedDialog[] => []);
  return dialogs.find((dialog) => dialog.callId === callId);
}

/** The address of a server that keeps a call and leaves it to others (RFC 4235 5.1); nobody's telephone is rung for it. */
function keeperOf({ local }: WatchedDialog): string | undefined {
  const isServer = local?.target?.parameters.some(([name]) => name.toLowerCase() === '+sip.byeless') === true;
  return isServer ? local.identity?.uri : undefined;
}

/** Calls a slot, which then has this phone take its place in the call that it keeps (REFER). */
async function handedOver(
  host: ServiceHost,
  slot: Uri,
  refused: PhoneError,
  signal: AbortSignal | undefined,
): Promise<Call> {
  const { name } = partyOfUri(slot);
  const keeper = await answered(name, signal, () => host.dial(slot));
  const taken = Promise.withResolvers<Call>();
  const followed: Call[] = [];
  const stop = host.onEvent((event) => {
    if (event.kind === 'referral' && event.referral.call === keeper && event.call !== undefined) {
      if (event.state === 'followed') followed.push(event.call);
      else if (event.state === 'succeeded') taken.resolve(event.call);
      else taken.reject(refused);
    } else if (event.kind === 'call' && event.call === keeper && event.event.kind === 'ended') {
      // What is followed by then is told in its own time.
      if (followed.length === 0) taken.reject(refused);
    }
  });
  try {
    return await untilGivenUp(name, { signal }, () => taken.promise);
  } catch (error) {
    for (const call of [...followed, keeper]) void call.hangUp();
    throw error;
  } finally {
    stop();
  }
}

/** The server may know no more of him than his contact, whose port is nobody's name. */
function isWith({ remote }: WatchedDialog, wanted: Uri): boolean {
  return [remote?.identity?.uri, remote?.target?.uri].some((text) => {
    const uri = text === undefined ? undefined : parseUri(encodeUtf8(text));
    if (uri instanceof SipUri && wanted instanceof SipUri) return uri.user === wanted.user && uri.host === wanted.host;
    return uri !== undefined && !(uri instanceof SyntaxFault) && uri.toString() === wanted.toString();
  });
}
