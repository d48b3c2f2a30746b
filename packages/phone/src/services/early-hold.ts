import type { InviteSession, OutgoingInvite } from '@switchhook/sip';
import type { Failure } from '../failure.ts';
import { hold, resume } from './hold.ts';

/**
 * A hold before the answer: each far end that rings is told as soon as it can be, by UPDATE (RFC 3311), and whoever answers is
 * held then at the latest.
 */
export class EarlyHold {
  readonly #invite: OutgoingInvite;
  /** Whose answer to what is wanted now is waited for, or has come. */
  readonly #told = new Set<InviteSession>();
  #isWanted = false;
  /** What whoever has asked for it waits for. */
  #wish: Promise<Failure | undefined> | undefined = undefined;
  #settle: (failure: Failure | undefined) => void = () => undefined;

  constructor(invite: OutgoingInvite) {
    this.#invite = invite;
    invite.listen((event) => {
      if (event.kind === 'progress') this.#tellAll();
      else if (event.kind === 'ended' && event.outcome.kind === 'answered') this.#tell(event.outcome.session);
      else if (event.kind === 'ended') this.#settle({ kind: 'ended' });
    });
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  /**
   * Resolves when one of the far ends has agreed, and with why whoever has answered does not; a later wish for the
   * opposite ends it, too.
   */
  want(isWanted: boolean): Promise<Failure | undefined> {
    if (this.#wish !== undefined && this.#isWanted === isWanted) return this.#wish;
    this.#settle({ kind: 'cancelled' });
    this.#isWanted = isWanted;
    this.#told.clear();
    this.#wish = new Promise((settle) => {
      this.#settle = settle;
      this.#tellAll();
      if (!isWanted && this.#invite.sessions.length === 0) settle(undefined);
    });
    return this.#wish;
  }

  #tellAll(): void {
    for (const session of this.#invite.sessions) if (session.state === 'early') this.#tell(session);
  }

  #tell(session: InviteSession): void {
    if (this.#told.has(session)) return;
    this.#told.add(session);
    const settle = this.#settle;
    void (this.#isWanted ? hold(session) : resume(session)).then((failure) => {
      if (failure === undefined || session.state === 'confirmed') settle(failure);
      // While it rings that is not the last word: it is told once more when it answers.
      else if (this.#settle === settle) this.#told.delete(session);
    });
  }
}
