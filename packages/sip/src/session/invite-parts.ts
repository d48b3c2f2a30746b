import type { AbortSource } from '../context.ts';
import type { RedirectPolicy } from '../dialog/contract.ts';
import type { HeaderInit } from '../message/header.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { Parameters } from '../message/parameters.ts';
import type { Uri } from '../message/uri.ts';

/** Whom to call, and how. */
export interface InviteParts {
  readonly target: Uri | string;
  /** Without it the target. */
  readonly to?: NameAddr | undefined;
  /** Without it the address of the user agent. */
  readonly from?: NameAddr | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
  /** Instead of the routes of the user agent. */
  readonly route?: readonly NameAddr[] | undefined;
  /** Which contacts of a redirection to follow; none without it. */
  readonly redirects?: RedirectPolicy | undefined;
  /** What the Contact says beside the address, in the INVITE and in its dialogs: feature tags (RFC 3840), as `isfocus`. */
  readonly contactParameters?: Parameters | undefined;
  /** What the URI of the Contact says to this side alone (RFC 5627 4.2): which of its conferences it names. */
  readonly contactUriParameters?: Parameters | undefined;
  /** Leaves the offer to the far end (RFC 3261 13.2.1). */
  readonly lateOffer?: boolean | undefined;
  /** Milliseconds until it is cancelled where nobody answers, instead of what the options say. */
  readonly ringTime?: number | undefined;
  /** Cancels it, as {@link OutgoingInvite.cancel} does. */
  readonly signal?: AbortSource | undefined;
}
