import type { HeaderInit, InviteSession, OutgoingInvite } from '@switchhook/sip';
import { description } from './scripted-peer.testing.ts';
import type { PeerRequest } from './scripted-peer.testing.ts';
import type { SessionStage } from './session-stage.testing.ts';

/** A dialog by its name, as Replaces and Join of an INVITE to `session`'s own side have it. */
export function nameOf({ dialog }: InviteSession, tags: { local?: string; remote?: string } = {}): string {
  const { local = dialog.localTag, remote = dialog.remoteTag } = tags;
  return `${dialog.callId};to-tag=${local};from-tag=${remote}`;
}

/** The peer asks Alice by another INVITE for a dialog of hers. */
export async function claim(
  stage: SessionStage,
  headers: readonly HeaderInit[],
  extras: { readonly body?: string; readonly callId?: string } = {},
): Promise<PeerRequest> {
  const { callId = 'claiming', ...rest } = extras;
  const call = stage.peer.invite('sip:alice@192.0.2.1', { body: description(), headers, ...rest }, callId);
  await stage.settle();
  return call;
}

/** Alice calls, and it rings; her side of the early dialog. */
export async function ringing(stage: SessionStage): Promise<{ invite: OutgoingInvite; session: InviteSession }> {
  const invite = await stage.call();
  stage.peer.respond(stage.peer.last('INVITE'), 180);
  await stage.settle();
  const [session] = invite.sessions;
  if (session === undefined) throw new Error('it does not ring');
  return { invite, session };
}
