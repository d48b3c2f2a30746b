import { NameAddr, Replaces, referTo } from '@switchhook/sip';
import type { HeaderInit, ReferralOutcome, Uri } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { failureOfReferral } from './referral-failure.ts';
import { takingPlaceOf } from './transfer.ts';

/** Where the far end of a call is while a server plays to it, and what takes the server's place there. */
export interface CallLoan {
  readonly target: Uri;
  readonly headers: readonly HeaderInit[];
}

/**
 * Puts the far end of a call on hold and has a music server play to it (RFC 5359 2.3): the server is asked to take this
 * side's place in the call. Resolves when it plays. Rejects when it does not, the far end's refusal included: then the far
 * end is on hold in silence.
 */
export async function holdWithMusic(host: ServiceHost, call: Call, server: Uri): Promise<void> {
  if (call.music) return;
  if (!call.localHold) await call.hold();
  const { session } = call;
  if (session === undefined) throw new PhoneError({ kind: 'ended' }, call.remote.name);
  const { dialog } = session;
  // Once the server plays, the far end hangs up here: that is not the end of the call.
  call.lend();
  const { outcome } = host.referrals.refer({
    target: server,
    referTo: referTo(dialog.remoteTarget, takingPlaceOf(dialog)),
    referredBy: NameAddr.of({ uri: host.home }),
  });
  const result = await outcome;
  const loan = loanOf(result);
  call.lent(loan);
  // It plays, perhaps, where there is no failure, and does not say where.
  if (loan === undefined)
    throw new PhoneError(failureOfReferral(result) ?? { kind: 'refused' }, partyOfUri(server).name);
}

/** What the server's last report says of the dialog that it has with the far end (RFC 5359 2.3 F17). */
function loanOf(outcome: ReferralOutcome): CallLoan | undefined {
  if (outcome.kind !== 'succeeded' || outcome.dialog === undefined) return undefined;
  const { callId, from, to, contact } = outcome.dialog;
  if (from.tag === undefined || to.tag === undefined) return undefined;
  const replaces = Replaces.print({ callId, toTag: to.tag, fromTag: from.tag });
  return {
    target: (contact ?? to).uri,
    headers: [
      ['Replaces', replaces],
      ['Require', 'replaces'],
    ],
  };
}
