import type { SipRequest } from '../message/message.ts';
import type { HeaderInit } from '../message/header.ts';
import type { HistoryInfo } from '../message/headers/history-info.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { SipUri, Uri } from '../message/uri.ts';
import type { Destination, Flow } from '../transport/contract.ts';
import type { ProxyServerTransaction } from './layers.ts';

/**
 * What is to happen to a request, as data: the policy makes it, the proxy executes it and knows no service.
 * A {@link RingPlan} can name the plans that follow it; each is made when its turn comes, and sees the world as it is then.
 */
export type CallPlan = SettledPlan | RingPlan;

/** A plan that ends the request: nothing is forwarded. */
export type SettledPlan = RejectPlan | RedirectPlan | RespondPlan | ServePlan;

/** Answer with a failure. */
export interface RejectPlan {
  readonly kind: 'reject';
  /** 400 to 699. */
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderInit[];
  /**
   * Answer once and keep nothing, for a sender who has proved nothing: repeating a failure to an address that may be
   * forged would turn the proxy against whoever lives there (RFC 3261 26.3.2.4).
   */
  readonly stateless?: boolean;
}

/** Of what is kept, something counts against whoever has it done. */
interface ChargedPlan {
  /** Who that is, in words of the policy, if he has proved it; else it counts against the address that the request came from. */
  readonly account?: string | undefined;
}

/** Answer that the caller should try these addresses himself (RFC 3261 8.3). */
export interface RedirectPlan extends ChargedPlan {
  readonly kind: 'redirect';
  /** 302 unless said otherwise. */
  readonly status?: 300 | 301 | 302 | 305 | 380;
  readonly contacts: readonly NameAddr[];
  readonly headers?: readonly HeaderInit[];
}

/** Answer as the user agent that the request was for: OPTIONS to the exchange itself, for one. */
export interface RespondPlan extends ChargedPlan {
  readonly kind: 'respond';
  /** 200 to 699. */
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderInit[];
  readonly body?: string;
}

/** Hand the transaction to a server within this process (the registrar), which then answers it alone. */
export interface ServePlan extends ChargedPlan {
  readonly kind: 'serve';
  readonly server: LocalServer;
}

/** A user agent server within this process. */
export interface LocalServer {
  /**
   * `request` is the transaction's request as the proxy's own route processing left it (RFC 3261 16.4): the
   * Request-URI is repaired where a strict router or a maddr had bent it.
   */
  serve(transaction: ProxyServerTransaction, request: SipRequest): void;
  /** The caller gave up an INVITE that this server took. */
  cancel?(transaction: ProxyServerTransaction): void;
}

/** Forward: the targets of a stage in parallel, the stages in turn (RFC 3261 16.6). */
export interface RingPlan extends ChargedPlan {
  readonly kind: 'ring';
  readonly stages: readonly Stage[];
  /** Try the contacts of a 300, 301 or 302 instead of handing it to the caller (RFC 3261 16.7 step 4). */
  readonly recurse?: boolean;
  /** Stay on the path of the dialog; true when absent, for methods that can make a dialog. */
  readonly recordRoute?: boolean;
  /** Add this proxy to the Path of a REGISTER that is forwarded to another registrar (RFC 3327, RFC 5626 5.1). */
  readonly path?: boolean;
  /** Told to the caller of an INVITE before anything is forwarded: 181, that the call goes elsewhere (RFC 3261 21.1.3). */
  readonly provisional?: Provisional;
  /** Added to every request that is forwarded, above values of the same name. */
  readonly headers?: readonly HeaderInit[] | undefined;
  /**
   * Header fields by name that are taken out first, of the responses as well: consumed credentials, claims nobody
   * vouches for.
   */
  readonly removeHeaders?: readonly string[] | undefined;
  /**
   * What its responses say of the way of the call (RFC 7044 9.4): all that is known of it by then, where they do not say so
   * themselves; or nothing, to a caller who keeps no history. As they come without it.
   */
  readonly history?: 'told' | 'withheld' | undefined;
  /** The first 486 ends all stages: the callee is one person, busy wherever else he may be. Others are cancelled. */
  readonly busyEnds?: boolean;
  /**
   * What the redirection (300, 301, 302) of a target leads to: the plan that it makes takes the place of this one, and what
   * still rings is cancelled, for who is called has said where to. Undefined: it is not followed, and counts as one that
   * cannot be had. Without this the caller is told, unless `recurse` is set.
   */
  readonly onRedirect?: ((target: Target, contacts: readonly NameAddr[]) => FollowingPlan | undefined) | undefined;
  /** What to do when somebody was busy and nobody's phone rang to the end of its time. */
  readonly onBusy?: FollowingPlan | undefined;
  /** What to do when a phone rang and nobody answered. */
  readonly onNoAnswer?: FollowingPlan | undefined;
  /** What to do when no target could be reached, or there was none. */
  readonly onUnavailable?: FollowingPlan | undefined;
}

/**
 * Makes the plan that follows another one, from what came of those whom that has tried, where it was executed. A chain of them must
 * end, for each one adds to what a call may do.
 */
export type FollowingPlan = (tried?: readonly Attempt[]) => CallPlan;

/** A provisional response that the proxy makes itself, with a To tag of its own. */
export interface Provisional {
  /** 101 to 199. */
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderInit[];
}

/** Whom a plan rings at the same time, for how long, and what comes behind them. */
export interface Stage {
  readonly targets: readonly Target[];
  /**
   * Milliseconds from the first 18x of the stage after which what still rings is cancelled and the next stage begins.
   * Without it timer C alone ends the stage. Means nothing for other methods than INVITE, which cannot be cancelled.
   */
  readonly ringTime?: number;
  /** Milliseconds from the beginning of the stage within which a first 18x has to come, else the next stage begins. */
  readonly ringWithin?: number;
}

/** One element of the target set (RFC 3261 16.5). */
export interface Target {
  /** The new Request-URI. */
  readonly uri: Uri;
  /** Proxies to visit on the way, put before a Route the request brought: a binding's Path (RFC 3327). */
  readonly route?: readonly NameAddr[];
  /** The connection or address pair that leads there: the flow of a registration (RFC 5626). */
  readonly flow?: Flow;
  /** Where to send instead of looking the URI up. Used when there is no `flow`. */
  readonly destination?: Destination;
  /** Added to the request for this target alone. */
  readonly headers?: readonly HeaderInit[];
  /**
   * Added for this target alone, below values of the same name: what grows at its end, as History-Info (RFC 7044). Made when its
   * turn comes where it depends on what came of those that this plan has tried before it.
   */
  readonly trailingHeaders?: readonly HeaderInit[] | ((before: readonly Attempt[]) => readonly HeaderInit[]);
  /** Its own entries in the history of the call, for the `trailingHeaders` of those that are tried after it. */
  readonly history?: readonly HistoryEntry[];
  /** Milliseconds to wait before this target is tried, from the start of its stage. */
  readonly delay?: number;
  /** Milliseconds from its first 18x after which this target alone is cancelled. For an INVITE. */
  readonly ringTime?: number;
  /** Whose it is, in words of the policy: told to `ProxyPolicy.answered`. */
  readonly owner?: string;
  /**
   * Other ways to the same instance, tried in turn when the one before failed or answers 408 or 430
   * (RFC 5626 section 7). Their own alternatives and delays are not looked at.
   */
  readonly alternatives?: readonly Target[];
}

/** One entry of History-Info (RFC 7044 5), not yet written. */
export interface HistoryEntry extends Pick<HistoryInfo, 'index' | 'target'> {
  readonly uri: Uri;
}

/** What came of a target that something was heard of, or that was given up. */
export interface Attempt {
  readonly target: Target;
  /** Of its final response, 408 for one that was given up (RFC 7044 10.2); undefined while it rings. */
  readonly status: number | undefined;
}

/** What the route processing found out about a request before the policy is asked. */
export interface RoutingFacts {
  /**
   * True when a Route value came that this proxy wrote into this very call (same Call-ID), so that whoever
   * sent it takes part in a dialog that was let through before. Nobody else can make such a value.
   */
  readonly vouched: boolean;
  /** Route values that remain after this proxy's own were taken off: where the sender wants it to go next. */
  readonly route: readonly string[];
}

/** What request it is that goes somewhere, and whose. */
export interface Sender extends Pick<RoutingFacts, 'vouched'> {
  readonly source: Flow;
  readonly method: string;
  /** What was looked up for it: its Request-URI, or a Route value. */
  readonly uri: SipUri;
  /** Whether a gateway takes part in the call that it belongs to, as `isGateway` said when that began. */
  readonly withGateway: boolean;
}

/** The decisions that are not the proxy's. */
export interface ProxyPolicy {
  /**
   * Decides about every request whose Request-URI is this proxy's to translate, and about every request that
   * cannot show that it belongs to a dialog. A request within a dialog that goes to the peer never comes here.
   * The request is as route processing left it.
   */
  plan(request: SipRequest, flow: Flow, facts: RoutingFacts): CallPlan | Promise<CallPlan>;
  /**
   * What is taken out of and added to a request that goes on within its dialog without being planned, an ACK included:
   * credentials that were meant for this proxy, claims that nobody vouches for.
   */
  passing?(request: SipRequest): Pick<RingPlan, 'headers' | 'removeHeaders'>;
  /**
   * Why a request must not go on within its dialog, if it must not. It is asked of every request that `plan` does not see, but
   * not of an ACK, which nobody can answer.
   */
  refusalWithin?(request: SipRequest, flow: Flow): RejectPlan | undefined | Promise<RejectPlan | undefined>;
  /** Whether this proxy is responsible for the domain or address (RFC 3261 16.5). */
  isOurDomain(host: string): boolean;
  /**
   * Whether a request calls for help. It is planned while the proxy drains as well, and whatever the scheme of its Request-URI is:
   * RFC 5031 has `urn:service:sos`.
   */
  isEmergency?(request: SipRequest): boolean;
  /**
   * What else than the Request-URI, Route and Proxy-Require steers `plan`: a request that
   * comes back with another key is a spiral and no loop (RFC 5393 4.2.1).
   */
  loopKey?(request: SipRequest, flow: Flow): string;
  /**
   * Whether a request may be sent to a place that its URI, or a Route value, leads to. Asked of what was looked up, a numeric
   * address included; not of the flow or the destination of a target.
   */
  mayReach?(destination: Destination, request: Sender): boolean;
  /**
   * Whether a gateway is at the far end of a flow, for which this proxy vouches. The Record-Route value of a call that came or went
   * there says so, and so do those of no other call: see {@link Sender}.
   */
  isGateway?(flow: Flow): boolean;
  /** Whether somebody stands for many at that address, as a proxy or a trunk does: it has no share of one source. */
  isSharedSource?(address: string): boolean;
  /** Whose phone alone is at the far end of a connection, by address of record, if that is known. */
  ownerOf?(flow: Flow): string | undefined;
  /** The connection by which a phone with that contact is reached now, if its owner is who is wanted. */
  flowOf?(contact: SipUri, isOwner: (addressOfRecord: string) => boolean): Flow | undefined;
  /** Hears which target has taken a call, and whose it is, when the plan says so: with its first 2xx to an INVITE. */
  answered?(request: SipRequest, owner: string): void;
}
