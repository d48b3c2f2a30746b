import type { Caller, NewRequest, RequestFailure } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { ReferenceStatus } from '../event/packages/refer.ts';
import type { HeaderInit } from '../message/header.ts';
import type { Join } from '../message/headers/join.ts';
import type { Replaces } from '../message/headers/replaces.ts';
import type { TargetDialog } from '../message/headers/target-dialog.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { Uri } from '../message/uri.ts';
import type { InviteSession } from '../session/invite-session.ts';

/** What shall be contacted, as a Refer-To says it (RFC 3515 2.1). */
export interface Reference {
  /** Without the header fields and the method that it asks for. */
  readonly uri: Uri;
  /** `INVITE` where the URI names none. */
  readonly method: string;
  readonly replaces: Replaces | undefined;
  readonly join: Join | undefined;
  /**
   * The header fields that the URI asks for and that may be granted (RFC 3261 19.1.5), Replaces and Join among them; the
   * rest is left out.
   */
  readonly headers: readonly HeaderInit[];
}

/** Whom to refer. */
export type ReferralTarget =
  /** The far end of a call, in its dialog. The subscription that the REFER makes outlives the call (RFC 5057). */
  | { readonly within: Dialog; readonly target?: undefined }
  /** Somebody, in a dialog of its own: a GRUU, a device that is known. */
  | { readonly target: Uri; readonly within?: undefined };

/** Whom to refer, and to what. */
export type ReferralParts = ReferralTarget &
  Pick<NewRequest, 'from' | 'route' | 'headers'> & {
    /** With the header fields that the request to it shall have, in the URI: {@link referTo} makes it. */
    readonly referTo: NameAddr;
    readonly referredBy?: NameAddr | undefined;
    /** The call that a REFER outside of it is about (RFC 4538). */
    readonly targetDialog?: TargetDialog | undefined;
    /** False asks for none of the reports (RFC 4488). The far end may send them all the same. */
    readonly subscribe?: boolean | undefined;
  };

/** How a REFER of this side ended. */
export type ReferralOutcome =
  /** What was referred to said yes, with this status. */
  | ({ readonly kind: 'succeeded' } & ReferenceStatus)
  /** It was contacted, or should have been, to no avail. */
  | ({ readonly kind: 'failed' } & ReferenceStatus)
  /** The REFER itself was refused. */
  | { readonly kind: 'refused'; readonly response: SipResponse }
  /** The REFER had no answer. */
  | { readonly kind: 'unreachable'; readonly failure: RequestFailure }
  /** It was accepted, and nobody has said or will say what came of it. */
  | { readonly kind: 'unknown' };

/** How a REFER of this side goes (RFC 3515 2.4.5). */
export type OutgoingReferralEvent =
  /** The far end will try, or asks its person. */
  | { readonly kind: 'accepted' }
  /** A provisional response to what the far end sends. */
  | ({ readonly kind: 'progress' } & ReferenceStatus)
  /** The last one. */
  | { readonly kind: 'ended'; readonly outcome: ReferralOutcome };

/** What a REFER that came says. */
export interface ReferralRequest {
  /** The REFER as it came. */
  readonly message: SipRequest;
  readonly reference: Reference;
  readonly caller: Caller;
  /**
   * Who refers, by his own account (RFC 3892). It goes on in what is sent because of it; {@link ReferralRequest.headers} has
   * it as it came.
   */
  readonly referredBy: NameAddr | undefined;
  /** What the request to the reference is to carry: the header fields of the reference, and Referred-By. */
  readonly headers: readonly HeaderInit[];
  /** The dialog that it came in, or that its Target-Dialog names (RFC 4538); undefined where neither is. */
  readonly about: Dialog | undefined;
  /** Whether it came in that dialog; else it only names it. */
  readonly within: boolean;
  /** The call of that dialog. */
  readonly session: InviteSession | undefined;
  /** Whether who refers wants to know what comes of it (RFC 4488). */
  readonly subscribes: boolean;
}
