import type { Caller } from '../dialog/contract.ts';
import type { DialogTable } from '../dialog/dialog-table.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Join } from '../message/headers/join.ts';
import { ReferredBy } from '../message/headers/referred-by.ts';
import { Replaces } from '../message/headers/replaces.ts';
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { Parameters } from '../message/parameters.ts';
import type { EndedDialogs } from './ended-dialogs.ts';
import { InviteSession } from './invite-session.ts';

/** What an INVITE wants with a dialog of this side: to take its place (RFC 3891), or to be mixed with it (RFC 3911). */
export interface DialogClaim {
  readonly kind: 'replaces' | 'join';
  readonly request: SipRequest;
  readonly caller: Caller;
  /** Who has asked the caller to do so, as he says (RFC 3892). It proves no more than the caller himself is believed. */
  readonly referredBy: NameAddr | undefined;
  /**
   * What is claimed. Undefined where no session of this side is named: who may not know that is to be refused all the
   * same, or he learns from the answer which calls there are.
   */
  readonly session: InviteSession | undefined;
}

/** Who decides on claims: what is missing cannot be claimed here, and its option tag is not told. */
export interface ClaimAuthority {
  /** Whether somebody may take the place of a dialog (RFC 3891 3). Asked before it is looked whether that can be. */
  readonly mayReplace?: ((claim: DialogClaim) => boolean | Promise<boolean>) | undefined;
  /** Whether somebody may be mixed with a dialog (RFC 3911 4). Likewise. */
  readonly mayJoin?: ((claim: DialogClaim) => boolean | Promise<boolean>) | undefined;
  /**
   * The conference of this side that an INVITE is addressed to (RFC 4579 5.1): who calls that wants to be mixed with it, as
   * with Join. Undefined for what names no conference.
   */
  readonly conferenceAt?: ((request: SipRequest) => AddressedConference | undefined) | undefined;
}

/** A session of a conference, to be mixed with; without one the conference is over. */
export interface AddressedConference {
  readonly session: InviteSession | undefined;
  /** What OPTIONS tells of it: its address, with `isfocus` (RFC 4579 5.2). */
  readonly contact?: NameAddr | undefined;
}

/** Finds what INVITEs claim. */
export class DialogClaims {
  readonly #dialogs: DialogTable;
  readonly #ended: EndedDialogs;
  readonly #authority: ClaimAuthority;

  constructor(dialogs: DialogTable, ended: EndedDialogs, authority: ClaimAuthority) {
    this.#dialogs = dialogs;
    this.#ended = ended;
    this.#authority = authority;
  }

  /** The option tags of what can be claimed. */
  get extensions(): readonly string[] {
    const { mayReplace, mayJoin } = this.#authority;
    return [...(mayReplace === undefined ? [] : ['replaces']), ...(mayJoin === undefined ? [] : ['join'])];
  }

  /**
   * The claim of an INVITE; undefined where it makes none that is known here, a fault where it contradicts itself. `secure`
   * says whether the dialog that it makes is.
   */
  of(request: SipRequest, caller: Caller, secure: boolean): ClaimedDialog | SyntaxFault | undefined {
    const replaces = request.get(Replaces);
    const join = request.get(Join);
    const known = this.extensions;
    if (known.length === 0) return undefined;
    if (replaces !== undefined && join !== undefined) return new SyntaxFault('Replaces and Join');
    const name = replaces ?? join;
    const kind = replaces === undefined ? 'join' : 'replaces';
    if (name instanceof SyntaxFault) return known.includes(kind) ? name : undefined;
    if (name === undefined || !known.includes(kind)) return this.#dialIn(request, caller);
    const named = (): NamedSession => this.#named(name);
    const { session, wasThere } = named();
    // RFC 3911 4: a Join that names nothing is no matter at the address of a conference.
    const dialIn = kind === 'join' && session === undefined && !wasThere ? this.#dialIn(request, caller) : undefined;
    if (dialIn !== undefined) return dialIn;
    return this.#claim({ kind, request, caller, session }, () =>
      refusalOf(named(), kind, { earlyOnly: 'earlyOnly' in name && name.earlyOnly === true, secure }),
    );
  }

  /** Whoever calls a conference wants to be mixed with it. */
  #dialIn(request: SipRequest, caller: Caller): ClaimedDialog | undefined {
    const find = (): AddressedConference | undefined => this.#authority.conferenceAt?.(request);
    const conference = find();
    if (conference === undefined) return undefined;
    const claimed = this.#claim({ kind: 'join', request, caller, session: conference.session }, () =>
      find()?.session === undefined ? 404 : undefined,
    );
    return new ConferenceClaim(claimed, find);
  }

  #claim(parts: Omit<DialogClaim, 'referredBy'>, refusal: () => number | undefined): ClaimedDialog {
    const { mayReplace, mayJoin } = this.#authority;
    const { kind, request, session } = parts;
    const referredBy = request.get(ReferredBy);
    const claim = { ...parts, referredBy: referredBy instanceof NameAddr ? referredBy : undefined };
    const decide = kind === 'replaces' ? mayReplace : mayJoin;
    return { kind, session, authorize: () => decide?.(claim) ?? false, refusal };
  }

  #named({ callId, toTag, fromTag }: Join): NamedSession {
    const names = variantsOf(toTag).flatMap((local) => variantsOf(fromTag).map((remote) => [local, remote] as const));
    const dialogs = names.flatMap(([local, remote]) => this.#dialogs.find(callId, local, remote) ?? []);
    const sessions = dialogs.flatMap(({ usages }) => [...usages].filter((usage) => usage instanceof InviteSession));
    const wasThere = names.some(([local, remote]) => this.#ended.has(callId, local, remote));
    return { session: dialogs.length > 1 ? undefined : sessions[0], wasThere };
  }
}

/** What one INVITE claims. */
export interface ClaimedDialog {
  readonly kind: DialogClaim['kind'];
  readonly session: InviteSession | undefined;
  authorize(): boolean | Promise<boolean>;
  /** The status that refuses it at this moment; undefined while it can be granted. */
  refusal(): number | undefined;
}

/** The conference that is called outlives each of its sessions. */
class ConferenceClaim implements ClaimedDialog {
  readonly kind = 'join';
  readonly #claimed: ClaimedDialog;
  readonly #find: () => AddressedConference | undefined;

  constructor(claimed: ClaimedDialog, find: () => AddressedConference | undefined) {
    this.#claimed = claimed;
    this.#find = find;
  }

  get session(): InviteSession | undefined {
    return this.#find()?.session;
  }

  authorize(): boolean | Promise<boolean> {
    return this.#claimed.authorize();
  }

  refusal(): number | undefined {
    return this.#claimed.refusal();
  }
}

interface NamedSession {
  readonly session: InviteSession | undefined;
  /** A dialog of that name was a call once. */
  readonly wasThere: boolean;
}

/** A tag of zero means none as well, for dialogs with user agents of RFC 2543 (RFC 3891 6.1). */
function variantsOf(tag: string): readonly string[] {
  return tag === '0' ? ['0', ''] : [tag];
}

/** RFC 3891 3, RFC 3911 4. */
function refusalOf(
  { session, wasThere }: NamedSession,
  kind: DialogClaim['kind'],
  { earlyOnly, secure }: { readonly earlyOnly: boolean; readonly secure: boolean },
): number | undefined {
  if (session === undefined) return wasThere ? 603 : 481;
  // Who is in a call by sips: does not find himself in one that is less (RFC 5630 5.1.1.3).
  if (session.dialog.secure && !secure) return 480;
  if (session.isLeaving) return 603;
  if (kind === 'join') return undefined;
  if (session.dialog.state === 'confirmed') return earlyOnly ? 486 : undefined;
  return session.role === 'caller' ? undefined : 481;
}

/**
 * Replaces for an INVITE to the far end of a session, which puts a third party into this side's place (RFC 3891 4).
 * `earlyOnly` leaves a call alone that has been answered meanwhile; `parameters` are further ones, which who does not know them
 * passes over (its generic-param).
 */
export function replacesOf(
  { dialog }: Pick<InviteSession, 'dialog'>,
  { earlyOnly = false, parameters = Parameters.EMPTY } = {},
): readonly [name: string, value: string] {
  return [Replaces.name, Replaces.print({ ...nameOf(dialog), earlyOnly, parameters })];
}

/** Join for an INVITE to the far end of a session, which adds a third party to it (RFC 3911 5). */
export function joinOf({ dialog }: InviteSession): readonly [name: string, value: string] {
  return [Join.name, Join.print(nameOf(dialog))];
}

/** A dialog as its far end sees it. */
function nameOf({ callId, localTag, remoteTag }: InviteSession['dialog']): Join {
  return { callId, toTag: remoteTag === '' ? '0' : remoteTag, fromTag: localTag };
}
