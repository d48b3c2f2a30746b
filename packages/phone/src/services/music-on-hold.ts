import { NameAddr, PassedOnMedia, Replaces, referTo } from '@switchhook/sip';
import type { HeaderInit, InviteSession, OutgoingInvite, ReferralOutcome, Uri } from '@switchhook/sip';
import type { Abortable } from '../abortable.ts';
import type { Call } from '../call.ts';
import { PhoneError, throwIfGivenUp } from '../failure.ts';
import type { Failure } from '../failure.ts';
import { partyOfUri } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import { endOfInvite } from '../session-end.ts';
import { failureOfReferral } from './referral-failure.ts';
import { takingPlaceOf } from './transfer.ts';

/** Where the far end of a call is while a server plays to it, and what takes the server's place there. */
export interface CallLoan {
  readonly target: Uri;
  readonly headers: readonly HeaderInit[];
}

/** Milliseconds that a server may take to answer: whoever is held says his 2xx over and over meanwhile. */
const answerTime = 8_000;

/**
 * A music server in a call of this side, to whom the media of somebody else are passed on (RFC 7088): it plays to whoever is
 * held, whose call stays where it is.
 */
export class PassedOnMusic {
  readonly server: Uri;
  /** Why it does not play, when it does not. */
  failure: Failure | undefined = undefined;
  /** Hears that it does not play any more. */
  stopped: (() => void) | undefined = undefined;
  readonly #host: ServiceHost;
  readonly #media: PassedOnMedia;
  #invite: OutgoingInvite | undefined = undefined;
  #session: InviteSession | undefined = undefined;

  constructor(host: ServiceHost, server: Uri) {
    this.server = server;
    this.#host = host;
    this.#media = new PassedOnMedia(host.context);
  }

  get plays(): boolean {
    return this.#session?.state === 'confirmed';
  }

  /** What it says to an offer of whoever is held; undefined where it does not play. */
  async answerTo(offer: string): Promise<string | undefined> {
    this.#media.pass(offer);
    if (this.#session !== undefined) {
      const { kind } = await this.#session.reoffer();
      return kind === 'done' ? this.#media.answer : undefined;
    }
    this.#invite = this.#host.sessions.invite({ target: this.server, ringTime: answerTime }, this.#media);
    const outcome = await this.#invite.outcome;
    if (outcome.kind !== 'answered') {
      const end = outcome.kind === 'replaced' ? undefined : endOfInvite(outcome);
      this.failure = end?.kind === 'failed' ? end.failure : { kind: 'refused' };
      return undefined;
    }
    this.#session = outcome.session;
    outcome.session.listen(({ kind }) => {
      if (kind === 'ended') this.stopped?.();
    });
    return this.#media.answer;
  }

  end(): void {
    this.stopped = undefined;
    this.#invite?.cancel();
    void this.#session?.hangUp();
  }
}

/**
 * Puts the far end of a call on hold and has a music server play to it (RFC 5359 2.3): the server is asked to take this
 * side's place in the call. Resolves when it plays. Rejects when it does not, the far end's refusal included: then the far
 * end is on hold in silence. Where it knows no Replaces, or the server takes no REFER, the call stays here and the media are passed
 * on (RFC 7088).
 */
export async function holdWithMusic(host: ServiceHost, call: Call, server: Uri, { signal }: Abortable): Promise<void> {
  if (call.music) return;
  const passOn = (): Promise<void> => call.holdElsewhere(new PassedOnMusic(host, server));
  if (call.session?.dialog.remoteSupports('replaces') === false) {
    await passOn();
    return;
  }
  if (!call.localHold) await call.hold();
  throwIfGivenUp(call.remote.name, signal);
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
  if (result.kind === 'refused') {
    await passOn();
    return;
  }
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
