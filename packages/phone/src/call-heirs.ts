import type { IncomingInvite, InviteSession } from '@switchhook/sip';
import type { CallHeir } from './call-contract.ts';

/** Those who may take the place of a call's far end (RFC 3891), and have not yet. */
export class CallHeirs {
  readonly #heirs = new Map<InviteSession, CallHeir>();

  /** Answers one of them. When he does not come to stand in the far end's place, nothing is left of him. */
  admit({ session, accept }: Pick<IncomingInvite, 'session'> & { readonly accept: () => void }, heir: CallHeir): void {
    this.#heirs.set(session, heir);
    session.listen(({ kind }) => {
      if (kind === 'ended' && this.#heirs.delete(session)) heir.media.close();
    });
    accept();
  }

  /** The one whose session that is, who has come into the place; undefined for anybody else. */
  take(session: InviteSession): CallHeir | undefined {
    const heir = this.#heirs.get(session);
    this.#heirs.delete(session);
    return heir;
  }

  /** The call is over: there is no place to take. */
  dismiss(): void {
    for (const session of this.#heirs.keys()) void session.hangUp();
  }
}
