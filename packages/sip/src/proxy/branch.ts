import type { Timer } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import { LineTimer, type TimerOwner } from '../transaction/delay-line.ts';
import type { Destination, Flow, TransportError } from '../transport/contract.ts';
import { congestionSafe } from '../transport/congestion.ts';
import type { ResolutionError } from '../transport/resolver.ts';
import type { BranchOutcome } from './call-outcome.ts';
import type { Attempt, RingPlan, Target } from './call-plan.ts';
import type { ProxyEnvironment } from './environment.ts';
import type { ProxyClientTransaction, ProxyClientTransactionUser } from './layers.ts';
import { nextHop } from './next-hop.ts';
import type { NextHop } from './next-hop.ts';
import type { RequestContext } from './request-context.ts';
import { canRecordRoute } from './record-route.ts';

/** How much longer a request gets here: Via, Record-Route, Max-Breadth. */
const addedLength = 170;

const nowhere: readonly Destination[] = [];

/** RFC 3326, for a phone that rang for nothing. */
const notAnswered: readonly HeaderInit[] = [['Reason', 'SIP;cause=408;text="Not answered"']];

/** Who gets to know what becomes of a branch. */
export interface BranchOwner {
  /** A response from 101 to 199. */
  provisional(branch: Branch, response: SipResponse): void;
  /** A 2xx; for an INVITE there may be several. */
  success(branch: Branch, response: SipResponse): void;
  /** Nobody answered in time: the branch is being cancelled, and is no longer waited for. */
  gaveUp(branch: Branch): void;
  /** The branch has ended otherwise, once. */
  failure(branch: Branch): void;
  /** What came so far of the other branches of its plan. */
  before(branch: Branch): readonly Attempt[];
}

/**
 * waiting: for its delay or for the resolver; calling: sent, no response yet; proceeding: a provisional came;
 * ended: a final response came, or nothing will.
 */
type BranchState = 'waiting' | 'calling' | 'proceeding' | 'ended';

/**
 * One target of a request, with all the places it may be tried at in turn: the destinations of RFC 3263 4.3, then
 * the target's alternatives. Each try is a client transaction with a branch parameter of its own (16.6 step 7).
 */
export class Branch implements ProxyClientTransactionUser, BranchOutcome, TimerOwner<'timerC'> {
  readonly target: Target;
  /** Its part of the Max-Breadth (RFC 5393). */
  readonly breadth: number;
  /** How it ended; 0 until then. */
  status = 0;
  answer: SipResponse | undefined = undefined;
  rang = false;
  timedOut = false;
  readonly #environment: ProxyEnvironment;
  readonly #request: RequestContext;
  readonly #plan: RingPlan;
  readonly #owner: BranchOwner;
  #state: BranchState = 'waiting';
  #cancelled = false;
  #way: Target;
  #alternative = 0;
  #hop: NextHop | undefined = undefined;
  #destinations = nowhere;
  #destination = 0;
  #transaction: ProxyClientTransaction | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #timerC: LineTimer<'timerC'> | undefined = undefined;
  #ringTimer: Timer | undefined = undefined;

  constructor(
    environment: ProxyEnvironment,
    request: RequestContext,
    plan: RingPlan,
    target: Target,
    breadth: number,
    owner: BranchOwner,
  ) {
    this.#environment = environment;
    this.#request = request;
    this.#plan = plan;
    this.target = target;
    this.breadth = breadth;
    this.#owner = owner;
    this.#way = target;
  }

  get isOver(): boolean {
    return this.#state === 'ended';
  }

  start(): void {
    const { delay = 0 } = this.target;
    if (delay <= 0) this.#tryWay();
    else this.#timer = this.#environment.context.clock.after(delay, () => this.#tryWay());
  }

  /** Gives the branch up: with a CANCEL if it was sent (RFC 3261 16.10), at once if not. */
  cancel(headers: readonly HeaderInit[] = []): void {
    if (this.#cancelled || this.#state === 'ended') return;
    this.#cancelled = true;
    if (this.#state === 'waiting') this.#end(487);
    else if (this.#transaction !== undefined) this.#sendCancel(this.#transaction, headers);
  }

  /** Gives it up because nobody answered in time. */
  giveUp(): void {
    if (this.#state === 'ended') return;
    this.timedOut = true;
    this.cancel(notAnswered);
  }

  /** Whoever answers this branch again answers `user`. */
  handTo(user: ProxyClientTransactionUser): void {
    this.#transaction?.handTo(user);
  }

  response(response: SipResponse): void {
    const { status } = response;
    if (status < 200) this.#provisional(response);
    else if (status < 300) this.#success(response);
    else if (this.#state !== 'ended') this.#failure(response);
  }

  failed(error: TransportError): void {
    if (this.#state === 'ended') return;
    if (this.#cancelled) this.#end(487);
    else if (this.#way.flow !== undefined) this.#tryNextWay(error.code === 'timeout' ? 408 : 430);
    else {
      this.#markFailed();
      // A transport that fails counts as a 503 (RFC 3261 16.9), and makes the next destination's turn.
      this.#tryNextDestination(error.code === 'timeout' ? 408 : 503);
    }
  }

  #provisional(response: SipResponse): void {
    if (this.#state !== 'calling' && this.#state !== 'proceeding') return;
    this.#state = 'proceeding';
    if (response.status === 100) return;
    if (isRinging(response)) this.#rings();
    if (this.#timerC !== undefined) this.#startTimerC();
    this.#owner.provisional(this, response);
  }

  #rings(): void {
    const { ringTime } = this.target;
    if (!this.rang && ringTime !== undefined && this.#request.isInvite && !this.#cancelled) {
      this.#ringTimer = this.#environment.context.clock.after(ringTime, () => {
        this.giveUp();
        this.#owner.gaveUp(this);
      });
    }
    this.rang = true;
  }

  #success(response: SipResponse): void {
    if (this.#state !== 'ended') {
      this.#state = 'ended';
      this.status = response.status;
      this.#stopTimers();
    }
    this.#owner.success(this, response);
  }

  #failure(response: SipResponse): void {
    const { status } = response;
    if (status === 503) this.#markFailed(response);
    if (!this.#cancelled) {
      if (status === 503 && this.#destination + 1 < this.#destinations.length) {
        this.#tryNextDestination(503);
        return;
      }
      // Any other answer is the instance's own, and must not be asked for on another flow (RFC 5626 section 7).
      if ((status === 408 || status === 430) && this.#hasAlternative) {
        this.#tryNextWay(status);
        return;
      }
    }
    this.#end(status, response);
  }

  /** RFC 3263 4.3; a Retry-After says for how long others go first (RFC 3261 21.5.4). */
  #markFailed(response?: SipResponse): void {
    const destination = this.#destinations[this.#destination];
    if (destination === undefined) return;
    const retryAfter = response?.get(RetryAfter);
    const seconds = retryAfter instanceof SyntaxFault ? undefined : retryAfter?.seconds;
    this.#environment.resolver.markFailed?.(destination, seconds === undefined ? undefined : seconds * 1_000);
  }

  get #hasAlternative(): boolean {
    return this.#alternative < (this.target.alternatives?.length ?? 0);
  }

  #tryNextWay(status: number): void {
    const way = this.target.alternatives?.[this.#alternative];
    if (way === undefined) {
      this.#end(status);
      return;
    }
    this.#alternative += 1;
    this.#way = way;
    this.#state = 'waiting';
    this.#tryWay();
  }

  #tryWay(): void {
    const way = this.#way;
    const { scheme, routed } = this.#request;
    const hop = nextHop(way.uri, scheme, way.route, routed.route);
    if (hop instanceof SyntaxFault) {
      this.#end(hop.status);
      return;
    }
    this.#hop = hop;
    if (scheme === 'sips' && !isSecure(way.uri)) this.#tryNextWay(480);
    else if (way.flow !== undefined) this.#tryFlow(way.flow, hop);
    else if (way.destination !== undefined) this.#tryDestinations([way.destination]);
    else if (hop.uri === undefined) this.#end(416);
    else this.#resolve(hop.uri);
  }

  #tryFlow(flow: Flow, hop: NextHop): void {
    this.#destinations = nowhere;
    if (flow.closed) this.#tryNextWay(430);
    else if (hop.secure && !flow.secure) this.#tryNextWay(480);
    else this.#send(flow, this.#copy(flow, hop));
  }

  #resolve(uri: SipUri): void {
    const answer = this.#environment.resolver.resolve(uri);
    if (!(answer instanceof Promise)) {
      this.#resolved(uri, answer);
      return;
    }
    answer.then(
      (result) => this.#resolved(uri, result),
      () => this.#resolved(uri, { code: 'dns-failure', temporary: true, message: 'the resolver failed' }),
    );
  }

  #resolved(uri: SipUri, answer: readonly Destination[] | ResolutionError): void {
    if (this.#state === 'ended') return;
    if (!('code' in answer)) this.#tryReachable(uri, answer);
    else if (answer.temporary) this.#tryNextWay(503);
    else this.#tryNextWay(answer.code === 'no-records' && this.#isWhereAsked() ? 404 : 480);
  }

  #tryReachable(uri: SipUri, found: readonly Destination[]): void {
    const { mayReach } = this.#environment;
    const destinations = found.filter((each) => mayReach(each, uri, this.#request));
    if (destinations.length === 0 && found.length > 0) this.#tryNextWay(403);
    else this.#tryDestinations(destinations);
  }

  /** Whether it goes to the domain that the caller named, and not to where somebody else has it go. */
  #isWhereAsked(): boolean {
    const { uri } = this.#request.routed;
    return uri instanceof SipUri && uri.host === this.#hop?.uri?.host;
  }

  #tryDestinations(destinations: readonly Destination[]): void {
    this.#destinations = congestionSafe(destinations, this.#request.request.text.length + addedLength);
    this.#destination = 0;
    this.#tryDestination(480);
  }

  #tryNextDestination(status: number): void {
    this.#destination += 1;
    this.#tryDestination(status);
  }

  /** Sends to the first destination from here on that takes it; `status` stands for those that did not. */
  #tryDestination(status: number): void {
    const hop = this.#hop;
    let failure = status;
    for (; hop !== undefined && this.#destination < this.#destinations.length; this.#destination += 1) {
      const destination = this.#destinations[this.#destination];
      if (destination === undefined) break;
      const flow = this.#environment.transports.flowTo(destination);
      if (!('send' in flow)) {
        failure = 503;
      } else if (hop.secure && !flow.secure) {
        failure = 480;
      } else {
        this.#send(flow, this.#copy(flow, hop));
        return;
      }
    }
    this.#tryNextWay(failure);
  }

  /** What grows at the end of its request, by what came of those that were tried until now. */
  trailing(tried: readonly Attempt[]): readonly HeaderInit[] | undefined {
    const trailingHeaders = this.#way.trailingHeaders ?? this.target.trailingHeaders;
    return typeof trailingHeaders === 'function' ? trailingHeaders(tried) : trailingHeaders;
  }

  #copy(flow: Flow, hop: NextHop): SipRequest {
    const plan = this.#plan;
    const request = this.#request;
    const { recordRouting } = this.#environment;
    const { method } = request.request;
    const { uri, flow: own, destination } = this.#way;
    const isBound = own !== undefined || destination !== undefined;
    const boundTo = isBound && uri instanceof SipUri ? uri : undefined;
    const records = plan.recordRoute !== false && canRecordRoute(method);
    return request.copy(hop, flow, {
      removeHeaders: plan.removeHeaders,
      headers: plan.headers,
      targetHeaders: this.#way.headers ?? this.target.headers,
      trailingHeaders: this.trailing(this.#owner.before(this)),
      recordRoute: records ? recordRouting.value(request, hop, flow, boundTo) : undefined,
      path: plan.path === true && method === 'REGISTER' ? recordRouting.path(request) : undefined,
      maximumBreadth: this.breadth,
    });
  }

  #send(flow: Flow, message: SipRequest): void {
    const { transactions, context } = this.#environment;
    this.#state = 'calling';
    if (this.#request.isInvite) this.#startTimerC();
    const { loopHash } = this.#request;
    const token = context.random.token();
    const branch = loopHash === undefined ? token : `${token}.${loopHash}`;
    this.#transaction = transactions.request(message, flow, this, { branch });
  }

  /** RFC 3261 16.8: from the beginning, and again from each provisional response but 100. */
  #startTimerC(): void {
    const { lines, settings } = this.#environment;
    this.#timerC ??= new LineTimer(this);
    lines.arm(this.#timerC, settings.timerC, 'timerC');
  }

  /** Timer C is due. */
  timer(): void {
    if (this.#state === 'proceeding') this.giveUp();
    else {
      this.timedOut = true;
      this.#end(408);
    }
  }

  #sendCancel(transaction: ProxyClientTransaction, headers: readonly HeaderInit[]): void {
    if (!this.#request.isInvite) return;
    transaction.cancel(headers);
    const { context, settings } = this.#environment;
    this.#stopTimerC();
    this.#timer = context.clock.after(settings.cancelTimeout, () => this.#end(487));
  }

  #end(status: number, response?: SipResponse): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    // Who was given up for want of an answer did not refuse: its 487 is this proxy's own doing.
    this.status = this.timedOut && status === 487 ? 408 : status;
    if (response !== undefined && this.status === status) this.answer = response;
    this.#stopTimers();
    this.#owner.failure(this);
  }

  #stopTimerC(): void {
    this.#timerC?.cancel();
    this.#timerC = undefined;
  }

  /** The branch is kept as long as its transaction, its timers need not be. */
  #stopTimers(): void {
    this.#stopTimerC();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#ringTimer?.cancel();
    this.#ringTimer = undefined;
    this.#hop = undefined;
    this.#destinations = nowhere;
  }
}

/** Whether a phone rings: 180 to 189 (RFC 3261 21.1.2 and what extensions put beside it). */
export function isRinging({ status }: SipResponse): boolean {
  return status >= 180 && status < 190;
}
