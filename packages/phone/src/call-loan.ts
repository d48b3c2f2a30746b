import type { InviteOutcome, OutgoingInvite } from '@switchhook/sip';
import type { CallHost } from './call-contract.ts';
import type { Failure } from './failure.ts';
import type { CallMedia } from './media.ts';
import type { CallLoan } from './services/music-on-hold.ts';
import { endOfInvite } from './session-end.ts';

/** What says that a dialog is over, or was never there (RFC 3891 3); 403 to those who may not know which. */
const hasGone: ReadonlySet<number> = new Set([403, 481, 603]);

/** What came of coming into the place of the server that plays to the far end. */
export type LoanReturn =
  | {
      readonly kind: 'back';
      readonly outcome: Extract<InviteOutcome, { kind: 'answered' | 'replaced' }>;
      readonly media: CallMedia;
    }
  /** `gone`: whoever waited has hung up meanwhile. */
  | { readonly kind: 'gone' | 'failed'; readonly failure: Failure };

/** Comes into that place (RFC 5359 2.3). `sent` gets the INVITE. */
export async function takeBack(
  host: Pick<CallHost, 'invite'>,
  { target, headers }: CallLoan,
  sent: (invite: OutgoingInvite) => void,
): Promise<LoanReturn> {
  const { invite, media } = host.invite(target, headers);
  sent(invite);
  const outcome = await invite.outcome;
  if (outcome.kind === 'answered' || outcome.kind === 'replaced') return { kind: 'back', outcome, media };
  media.close();
  const end = endOfInvite(outcome);
  if (end.kind !== 'failed') return { kind: 'failed', failure: { kind: 'cancelled' } };
  return { kind: hasGone.has(end.failure.status ?? 0) ? 'gone' : 'failed', failure: end.failure };
}
