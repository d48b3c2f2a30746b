import type { SipContext } from '../context.ts';
import type { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { Parameters } from '../message/parameters.ts';
import type { SipUri, Uri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Flow, TransportErrorCode } from '../transport/contract.ts';
import type { ResolutionError } from '../transport/resolver.ts';
import type { Dialog } from './dialog.ts';
import type { DialogSet } from './dialog-set.ts';
import type { DialogTable } from './dialog-table.ts';
import type { SequenceNumbers } from './sequence-numbers.ts';

/** Why no final response came. */
export interface RequestFailure {
  /** `cancelled`: this side gave it up before anybody could answer. */
  readonly code: TransportErrorCode | ResolutionError['code'] | 'cancelled';
  /** The response that it counts as: 408 for a timeout, 503 for what could not be sent (RFC 3261 8.1.3.1), 487. */
  readonly status: 408 | 487 | 503;
  readonly message: string;
}

/** Who sends a request, and wants to know what becomes of it. Nothing of it is called from within `send`. */
export interface RequestUser {
  /**
   * Provisional responses, then the final one; to an INVITE every 2xx, also those that come again. Challenges that
   * were answered, failures that another server made good and redirections that were followed never come here.
   */
  response(response: SipResponse): void;
  /** There will be no final response. */
  failed(failure: RequestFailure): void;
  /** It goes out once more, with another CSeq number: whatever came before is over (RFC 3261 8.1.3.5). */
  resent?(request: SipRequest): void;
  /** No response can come any more: the last transaction has ended. Called once, after everything else. */
  ended?(): void;
}

/** A request on its way. */
export interface OutgoingRequest {
  /** As sent last, without the Via. */
  readonly request: SipRequest;
  /** What it was sent over last; undefined before. */
  readonly flow: Flow | undefined;
  /**
   * Gives an INVITE up, whatever stage it is in (RFC 3261 9.1): a CANCEL as soon as one may go; and no further try.
   * A 2xx may come all the same. Other methods are not cancelled, but not tried again either.
   */
  cancel(headers?: readonly HeaderInit[]): void;
}

/** How far a redirection may lead (RFC 3261 8.1.3.4). */
export interface RedirectPolicy {
  /** Whether to try that contact. Asked in the order of q; never for one that was tried, nor for `sip:` after `sips:`. */
  follow(contact: NameAddr, response: SipResponse): boolean;
}

/** By which way a request goes, and what is written into it for that way. */
export interface SendOptions {
  /** Where the next CSeq number comes from, should the request have to go again. */
  readonly sequence: SequenceNumbers;
  /** The routes that it goes by (RFC 3261 8.1.2, 12.2.1.1); the request itself has no Route, and its target as Request-URI. */
  readonly route?: readonly NameAddr[] | undefined;
  /** The value of Contact for the flow that is taken; without it the request keeps the Contact that it has. */
  readonly contact?: ((flow: Flow) => string) | undefined;
  /** A flow that is known (RFC 5626). It is taken where it leads to one of the places that the lookup names. */
  readonly flow?: Flow | undefined;
  /** Takes `flow` as long as it stands, wherever it leads: the far end has no other address (RFC 5626 4.3, `ob`). */
  readonly byFlow?: boolean | undefined;
  /** Without it a redirection is the final response. */
  readonly redirects?: RedirectPolicy | undefined;
  /**
   * Has to fit into a datagram where it is not sure that every hop controls congestion, as `sips:` makes it: a MESSAGE
   * (RFC 3428 8). One that does not is not sent, and fails with `too-large`.
   */
  readonly mustFitDatagram?: boolean | undefined;
  /** As {@link DialogHost.recover}: a request whose flow has failed goes again over another one. */
  readonly recover?: ((dead: Flow | undefined) => Promise<void> | undefined) | undefined;
}

/**
 * Sends a request where it has to go: the lookup of RFC 3263 for its first Route or its Request-URI, the next place
 * after a 503, a timeout or a broken transport (RFC 3263 4.3), answers to challenges (RFC 3261 22, RFC 8760).
 */
export interface RequestSender {
  send(request: SipRequest, user: RequestUser, options: SendOptions): OutgoingRequest;
  /** Sends an ACK to a 2xx, which no transaction repeats. */
  acknowledge(ack: SipRequest, options: Pick<SendOptions, 'route' | 'flow' | 'byFlow'>): Acknowledgement;
}

/** The ACK to a 2xx. Each time that 2xx comes again it goes again as it was (RFC 3261 13.2.2.4). */
export interface Acknowledgement {
  readonly request: SipRequest;
  repeat(): void;
}

/** Why a dialog is over. */
export type DialogEnd =
  /** Its last usage has left. */
  | { readonly kind: 'unused' }
  /** A response that ends the dialog with all its usages (RFC 5057 5.1), or an early dialog whose INVITE failed. */
  | { readonly kind: 'refused'; readonly response: SipResponse }
  /** An early dialog: another fork answered, or the INVITE came to nothing. */
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'stopped' };

/** A use of a dialog (RFC 5057): an INVITE session, a subscription. The dialog ends with its last usage. */
export interface DialogUsage {
  readonly kind: 'invite' | 'subscription';
  /** A request within the dialog. True when this usage has taken it and answers it; each has exactly one taker. */
  request(transaction: ServerTransaction): boolean;
  /** The ACK to a 2xx. */
  ack?(request: SipRequest): void;
  /** The far end cancels an INVITE that this usage has taken, and that is to be answered with 487. */
  cancel?(transaction: ServerTransaction, cancel: SipRequest): void;
  /** The dialog is gone and takes the usage with it. Not called for the end that the usage itself brought about. */
  dialogEnded(reason: DialogEnd): void;
}

/** Who sends a request that makes dialogs: INVITE, SUBSCRIBE, REFER (RFC 3261 12.1.2, 13.2.2). */
export interface DialogSetUser {
  /** With the dialog that the response makes or belongs to; every further dialog is another branch of a fork. */
  response(response: SipResponse, set: DialogSet): void;
  failed(failure: RequestFailure): void;
  /**
   * A request of a far end that has no dialog in the set yet: the first NOTIFY, which may come before the 2xx
   * (RFC 6665 4.4.1); `set.accept` makes the dialog. True when taken. A subscription's dialogs
   * are made by those requests, and by no response.
   */
  request?(transaction: ServerTransaction, set: DialogSet): boolean;
  /** No further dialog can come. */
  ended?(): void;
}

/** What a dialog needs of the user agent. */
export interface DialogHost {
  readonly context: SipContext;
  readonly sender: RequestSender;
  /** The value of Contact that leads back here over that flow; `sips:` where `secure`. Its URI has the parameters as well. */
  contact(flow: Flow, secure: boolean, uriParameters?: Parameters): string;
  /**
   * Forms the flow of this side anew if it does not stand (RFC 5626 4.5), so that a request within a dialog can go again.
   * Resolves when that is done, or cannot be done at the moment; undefined where this side keeps no flow. `dead` is one
   * over which nobody answers.
   */
  recover?(dead: Flow | undefined): Promise<void> | undefined;
}

/** A request outside of any dialog, or one that makes a dialog. */
export interface NewRequest {
  readonly method: string;
  /** Whom it is for: the Request-URI, and the To without its `headers`. */
  readonly target: Uri | string;
  /** Without it the target. */
  readonly to?: NameAddr | undefined;
  /** Without it the address of the user agent. A tag is put on. */
  readonly from?: NameAddr | undefined;
  /** More header fields. Max-Forwards, From, To, Call-ID, CSeq, Route and Contact are put on. */
  readonly headers?: readonly HeaderInit[] | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  /** Instead of the routes that the user agent has (outbound proxy, Service-Route). */
  readonly route?: readonly NameAddr[] | undefined;
  readonly callId?: string | undefined;
  readonly redirects?: RedirectPolicy | undefined;
  /** As {@link SendOptions.mustFitDatagram}. */
  readonly mustFitDatagram?: boolean | undefined;
  /** What the Contact says beside the address, for a request that makes dialogs: feature tags (RFC 3840). */
  readonly contactParameters?: Parameters | undefined;
  /** What the URI of the Contact says to this side alone: which of its conferences it names (RFC 5627 4.2). */
  readonly contactUriParameters?: Parameters | undefined;
}

/** Who sends a request that came, as far as it is known. */
export interface Caller {
  /** The From, or what a trusted proxy asserts (RFC 3325). */
  readonly address: NameAddr;
  /** True where the proxy that this side trusts vouches for it. */
  readonly asserted: boolean;
  readonly flow: Flow;
}

/**
 * Something a user agent can do, installed into it. Allow, Supported, Accept and Allow-Events are made from what is
 * installed, and 405, 415, 420, 489 and 501 are the answers to the rest.
 */
export interface Capability {
  readonly name: string;
  /** Methods that it takes, outside or within dialogs. */
  readonly methods: readonly string[];
  /** Option tags that a request may require. */
  readonly extensions?: readonly string[];
  /** Media types of the bodies that its methods may bring, in lower case. */
  readonly accepts?: readonly string[];
  /** Event packages. */
  readonly events?: readonly string[];
  /** A request of one of its methods outside of a dialog, checked as RFC 3261 8.2 says. True when taken. */
  request(transaction: ServerTransaction): boolean;
  /** A request within a dialog that no usage has taken. True when taken. */
  requestWithin?(transaction: ServerTransaction): boolean;
  /** A request of a dialog that is not there any more. True when taken; else it gets 481. */
  requestAfter?(transaction: ServerTransaction): boolean;
  /** The far end cancels an INVITE that `request` has taken, and that is to be answered with 487. */
  cancel?(transaction: ServerTransaction, cancel: SipRequest): void;
  /** What an INVITE would be answered with at this moment, 200 where it would ring; OPTIONS tells (RFC 3261 11.2). */
  readiness?(): number;
  /** The Contact of what a request is addressed to, where that is not the user agent as such but a conference (RFC 4579 5.2). */
  contactFor?(request: SipRequest): NameAddr | undefined;
  /** The media that a call could have, as a session description; OPTIONS tells (RFC 3261 11.2, RFC 3264 9). */
  describesMedia?(transaction: ServerTransaction): string | undefined;
  /** The machine has other addresses, and the user agent is registered from there again if it can be. */
  networkChanged?(): void;
  /** The user agent stops: it ends what it has begun, without another message. */
  stop?(): void;
}

/** What sessions, subscriptions and messages are built on. */
export interface UserAgentCore extends DialogHost {
  readonly dialogs: DialogTable;
  /** The address of record of who uses it. */
  readonly address: NameAddr;
  install(capability: Capability): void;
  /** Sends a request that makes no dialog. */
  request(request: NewRequest, user: RequestUser): OutgoingRequest;
  /** Sends a request that makes dialogs: with a Contact, Allow, Supported and Allow-Events (RFC 6665 4.4.4). */
  requestDialogs(request: NewRequest, user: DialogSetUser): DialogSet;
  /**
   * The dialog that a request from outside makes (RFC 3261 12.1.1), with a tag of this side. A fault is to be answered
   * with its status; `transaction.refuse` does.
   */
  acceptDialog(transaction: ServerTransaction): Dialog | SyntaxFault;
  /** Who sent it. */
  callerOf(request: SipRequest, flow: Flow): Caller;
  /** Allow, Supported, and where asked for Accept and Allow-Events, of all that is installed. */
  capabilityHeaders(names: readonly ('Allow' | 'Supported' | 'Accept' | 'Allow-Events')[]): HeaderInit[];
  /** Whether a URI leads to this user agent. */
  isOurs(uri: SipUri): boolean;
}
