import type { Capability, UserAgentCore } from '../dialog/contract.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { isSecure, parseUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { defaultTimers } from '../transaction/timers.ts';
import { DialogClaims } from './dialog-claim.ts';
import type { ClaimAuthority } from './dialog-claim.ts';
import { EndedDialogs } from './ended-dialogs.ts';
import { IncomingInvite } from './incoming-invite.ts';
import type { InviteParts } from './invite-parts.ts';
import { InviteSession } from './invite-session.ts';
import { Listeners } from './listeners.ts';
import type { MediaNegotiation } from './media.ts';
import { OutgoingInvite } from './outgoing-invite.ts';
import type { SessionEnvironment, SessionOptions, Stoppable } from './session-contract.ts';
import { sessionDescriptionType } from './session-description-body.ts';

/** What holds where nothing else is said. */
export const defaultSessionOptions: SessionOptions = {
  timers: defaultTimers,
  sessionTimer: { interval: 1_800, minimum: 90 },
  reliableProvisionals: 'media',
  ringTime: 180_000,
  modificationTime: 32_000,
  silenceTime: 10_000,
};

/** What sessions ask of who uses them. */
export interface InviteSessionsUser extends ClaimAuthority {
  /**
   * The media of one more session; `secure` where it is by a sips URI, so that nothing may go in clear, and with the INVITE
   * where somebody calls.
   */
  media(secure: boolean, called?: ServerTransaction): MediaNegotiation;
  /** Somebody calls, with an offer that can be answered. Ring, accept, reject or redirect it, now or later. */
  incoming(invite: IncomingInvite): void;
  /** What an INVITE would be answered with at this moment, where it would not ring: OPTIONS tells (RFC 3261 11.2). */
  readonly readiness?: (() => number | undefined) | undefined;
}

/** All zeros when every call is over, and after the user agent was stopped. */
export interface InviteSessionsStats {
  /** Early ones too. */
  readonly sessions: number;
  /** INVITEs of this side whose outcome is open, or to which further 2xx may come. */
  readonly outgoing: number;
  /** INVITEs of far ends that are not answered. */
  readonly incoming: number;
}

/** INVITE, for a user agent: install it, call by {@link InviteSessions.invite}, and be called. */
export class InviteSessions implements Capability {
  readonly name = 'invite';
  readonly methods = ['INVITE', 'BYE', 'PRACK', 'UPDATE', 'INFO'];
  readonly extensions: readonly string[];
  readonly accepts = [sessionDescriptionType, 'multipart/mixed', 'multipart/alternative'];
  readonly #core: UserAgentCore;
  readonly #user: InviteSessionsUser;
  readonly #environment: SessionEnvironment;
  readonly #members = new Set<Stoppable>();
  readonly #ended = new EndedDialogs();
  readonly #incoming = new Map<ServerTransaction, IncomingInvite>();
  readonly #watchers = new Listeners<OutgoingInvite | IncomingInvite>();

  constructor(core: UserAgentCore, user: InviteSessionsUser, options: Partial<SessionOptions> = {}) {
    const all = { ...defaultSessionOptions, ...options };
    this.#core = core;
    this.#user = user;
    const claims = new DialogClaims(core.dialogs, this.#ended, user);
    this.extensions = ['100rel', '199', ...(all.sessionTimer === 'off' ? [] : ['timer']), ...claims.extensions];
    this.#environment = {
      core,
      options: all,
      registry: {
        add: (member) => this.#members.add(member),
        remove: (member) => {
          this.#members.delete(member);
          if (member instanceof InviteSession) this.#ended.add(member.dialog);
        },
      },
      claims,
    };
  }

  /** Calls somebody, with media that are at hand or else those of the user. Throws where the target is no URI. */
  invite(parts: InviteParts, media?: MediaNegotiation): OutgoingInvite {
    const target = typeof parts.target === 'string' ? parseUri(parts.target) : parts.target;
    const own = media ?? this.#user.media(isSecure(target));
    const invite = new OutgoingInvite(this.#environment, own, parts);
    this.#watchers.tell(invite);
    invite.start();
    return invite;
  }

  /** Shows `began` each INVITE from now on, of either side, before anything comes of it; returns what ends that. */
  watch(began: (invite: OutgoingInvite | IncomingInvite) => void): () => void {
    return this.#watchers.add(began);
  }

  stats(): InviteSessionsStats {
    const members = [...this.#members];
    return {
      sessions: members.filter((member) => member instanceof InviteSession).length,
      outgoing: members.filter((member) => member instanceof OutgoingInvite).length,
      incoming: members.filter((member) => member instanceof IncomingInvite).length,
    };
  }

  request(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (request.method !== 'INVITE') return false;
    const dialog = this.#core.acceptDialog(transaction);
    if (dialog instanceof SyntaxFault) {
      transaction.refuse(dialog.status, { reason: dialog.reason });
      return true;
    }
    const invite = new IncomingInvite(this.#environment, {
      transaction,
      dialog,
      media: this.#user.media(dialog.secure, transaction),
      arrived: (each) => {
        this.#user.incoming(each);
      },
    });
    this.#incoming.set(transaction, invite);
    transaction.onEnd(() => this.#incoming.delete(transaction));
    this.#watchers.tell(invite);
    invite.start();
    return true;
  }

  /** An INVITE that was refused is there until nothing of it can come again. */
  requestAfter(transaction: ServerTransaction): boolean {
    if (transaction.method !== 'PRACK') return false;
    return [...this.#incoming.values()].some((invite) => invite.takeLatePrack(transaction));
  }

  cancel(transaction: ServerTransaction, cancel: SipRequest): void {
    this.#incoming.get(transaction)?.cancelled(cancel);
  }

  readiness(): number {
    return this.#user.readiness?.() ?? 200;
  }

  describesMedia(transaction: ServerTransaction): string | undefined {
    const media = this.#user.media(isSecure(transaction.request.requestUri), transaction);
    const description = media.capabilities?.();
    media.close();
    return description;
  }

  contactFor(request: SipRequest): NameAddr | undefined {
    return this.#user.conferenceAt?.(request)?.contact;
  }

  networkChanged(): void {
    for (const member of [...this.#members]) {
      if (member instanceof InviteSession && member.state === 'confirmed') void member.move();
      else if (member instanceof OutgoingInvite || member instanceof IncomingInvite) member.networkChanged();
    }
  }

  stop(): void {
    // A session that ends has its INVITE answered; so the INVITEs first.
    const isSession = (member: Stoppable): boolean => member instanceof InviteSession;
    for (const member of [...this.#members]) if (!isSession(member)) member.stop();
    for (const member of [...this.#members]) member.stop();
    this.#ended.clear();
  }
}
