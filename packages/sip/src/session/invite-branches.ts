import type { Dialog } from '../dialog/dialog.ts';
import type { DialogSet } from '../dialog/dialog-set.ts';
import type { SipResponse } from '../message/message.ts';
import type { Parameters } from '../message/parameters.ts';
import { InviteBranch } from './invite-branch.ts';
import { InviteSession } from './invite-session.ts';
import type { InviteSessionParts } from './invite-session.ts';
import type { MediaNegotiation } from './media.ts';
import type { SessionEnvironment } from './session-contract.ts';

/** What the branches need of their INVITE. */
interface ForkingInvite extends Pick<InviteSessionParts, 'giveUp' | 'isGivenUp'> {
  /** Where its offer is open. */
  readonly media: MediaNegotiation;
  /** What the Contact says in each dialog. */
  contactParameters(): Parameters;
  readonly contactUriParameters: Parameters;
}

/** The branches that an INVITE has forked into, as far as they have answered: a session each (RFC 3261 13.2.2.4). */
export class InviteBranches {
  readonly #environment: SessionEnvironment;
  readonly #invite: ForkingInvite;
  readonly #byDialog = new Map<Dialog, InviteBranch>();
  #winner: InviteBranch | undefined = undefined;

  constructor(environment: SessionEnvironment, invite: ForkingInvite) {
    this.#environment = environment;
    this.#invite = invite;
  }

  get sessions(): readonly InviteSession[] {
    return [...this.#byDialog.values()].map(({ session }) => session);
  }

  /** The branch whose 2xx came first. */
  get winner(): InviteBranch | undefined {
    return this.#winner;
  }

  /** The branch that a response is of, which may be its first; undefined for one that makes no dialog. */
  of(response: SipResponse, set: DialogSet | undefined): InviteBranch | undefined {
    const dialog = set?.dialogOf(response);
    if (set === undefined || dialog === undefined) return undefined;
    return this.#byDialog.get(dialog) ?? this.#add(set, dialog);
  }

  /** That one has answered: nobody listens to what the others offer any more. */
  elect(winner: InviteBranch): void {
    this.#winner = winner;
  }

  /** The winner has agreed media. The others may stay early for a while, without any. */
  settle(): void {
    for (const branch of this.#byDialog.values()) {
      if (branch !== this.#winner && branch.session.ownsMedia) branch.session.media.close();
    }
    if (this.#winner?.session.ownsMedia === true) this.#invite.media.close();
  }

  /** Nothing has come of any of them. */
  dismissMedia(): void {
    for (const { ownsMedia, media } of this.sessions) if (ownsMedia) media.close();
  }

  #add(set: DialogSet, dialog: Dialog): InviteBranch {
    const { media, giveUp, isGivenUp } = this.#invite;
    dialog.contactParameters = this.#invite.contactParameters();
    dialog.contactUriParameters = this.#invite.contactUriParameters;
    const fork = media.fork?.();
    const session = new InviteSession(this.#environment, {
      dialog,
      media: fork ?? media,
      ownsMedia: fork !== undefined,
      role: 'caller',
      giveUp,
      isGivenUp,
      mayTakeOffers: () => this.#mayTakeOffers(branch),
    });
    const branch: InviteBranch = new InviteBranch(set, session, fork !== undefined);
    this.#byDialog.set(dialog, branch);
    session.start();
    return branch;
  }

  /** One of several that share their media cannot have its own way with them. */
  #mayTakeOffers(branch: InviteBranch): boolean {
    if (this.#winner !== undefined) return branch === this.#winner;
    return branch.session.ownsMedia || this.sessions.filter(({ state }) => state === 'early').length === 1;
  }
}
