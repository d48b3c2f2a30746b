import type { IncomingInvite, InviteSession, OutgoingInvite } from '@switchhook/sip';
import { rejectionStatus } from './call-contract.ts';

/** What carries the call at the moment. */
export type CallLeg =
  | { readonly kind: 'outgoing'; readonly invite: OutgoingInvite }
  | { readonly kind: 'incoming'; readonly invite: IncomingInvite }
  | { readonly kind: 'session'; readonly session: InviteSession }
  | { readonly kind: 'none' };

/** The dialogs that carry it: the early ones of a call that rings, one of a call that is answered. */
export function sessionsOf(leg: CallLeg): readonly InviteSession[] {
  switch (leg.kind) {
    case 'outgoing':
      return leg.invite.sessions;
    case 'incoming':
      return [leg.invite.session];
    case 'session':
      return [leg.session];
    case 'none':
      return [];
  }
}

/** Ends it, whatever state it is in: by BYE, by CANCEL, by a refusal. Resolves when the far end has said so, too. */
export async function hangUpLeg(leg: CallLeg): Promise<void> {
  switch (leg.kind) {
    case 'session':
      await leg.session.hangUp();
      break;
    case 'outgoing':
      leg.invite.cancel();
      await leg.invite.outcome;
      break;
    case 'incoming':
      leg.invite.reject(rejectionStatus.declined);
      break;
    case 'none':
      break;
  }
}
