import type { SipContext } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import type { TransactionWork } from '../transaction/contract.ts';
import { DelayLines } from '../transaction/delay-line.ts';
import type { Flow } from '../transport/contract.ts';
import type { Resolver } from '../transport/resolver.ts';
import { AckForwarding } from './ack-forwarding.ts';
import { answer } from './answer.ts';
import type { CallPlan, ProxyPolicy, RingPlan, SettledPlan, Target } from './call-plan.ts';
import { settingsOf } from './environment.ts';
import type { ProxyEnvironment, ProxyOptions } from './environment.ts';
import { FlowTokens } from './flow-tokens.ts';
import type { ProxyServerTransaction, ProxyTransactions, ProxyTransports } from './layers.ts';
import { LoopDetection } from './loop-detection.ts';
import { RecordRouting } from './record-route.ts';
import { RequestContext } from './request-context.ts';
import { breadthOf, hopsLeft, unreadable, validateRequest } from './request-validation.ts';
import type { InvalidRequest } from './request-validation.ts';
import { ResponseContext } from './response-context.ts';
import type { ResponseContextOwner } from './response-context.ts';
import { RouteMarks } from './route-marks.ts';
import { RoutedRequest, RoutePreprocessing } from './route-preprocessing.ts';
import { Shares } from './shares.ts';
import { whenKnown } from '../when-known.ts';

/** Gauges are zero when every request has ended; counters only grow. */
export interface ProxyStats {
  /** Requests in progress. */
  readonly requests: number;
  /** Sources that have requests in progress, or answered less than half a minute ago. */
  readonly sources: number;
  /** Timers C (RFC 3261 16.8) that run. */
  readonly timers: number;
  readonly counters: {
    readonly forwarded: number;
    readonly loops: number;
    readonly refusedForLimit: number;
    readonly refusedForShare: number;
    readonly refusedWhileDraining: number;
    readonly droppedAcks: number;
    readonly strayResponses: number;
  };
}

/** By how much the limit is higher for requests within dialogs, and for emergencies. */
const dialogHeadroom = 1.25;

const nothingToTrim: Pick<RingPlan, 'removeHeaders' | 'headers'> = {};

/** Methods that begin what a draining proxy no longer begins. */
const beginning = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** Whoever takes a call over that stands (RFC 3891) begins none: he may have been parked, or have music. */
function isBeginning(request: SipRequest): boolean {
  return request.toTag === undefined && beginning.has(request.method) && !request.has('Replaces');
}

/**
 * A transaction-stateful proxy (RFC 3261 section 16): it checks a request, takes its own part out of the route,
 * and executes the plan that the policy makes. It is the transaction user of a transaction layer.
 */
export class Proxy {
  readonly #environment: ProxyEnvironment;
  readonly #policy: ProxyPolicy;
  readonly #routes: RoutePreprocessing;
  readonly #loops: LoopDetection;
  readonly #acks: AckForwarding;
  readonly #shares: Shares;
  /** Requests in progress. */
  #requests = 0;
  readonly #responseOwner: ResponseContextOwner = {
    settle: (plan, context, transaction) => {
      this.#settle(plan, context.request, transaction);
    },
    answered: ({ request }, owner) => {
      this.#policy.answered?.(request, owner);
    },
    ended: (transaction) => {
      this.#done(transaction);
      transaction.share?.answered();
    },
  };
  readonly #isEmergency = (request: SipRequest): boolean => this.#policy.isEmergency?.(request) ?? false;
  #draining = false;
  readonly #counters = {
    forwarded: 0,
    loops: 0,
    refusedForLimit: 0,
    refusedForShare: 0,
    refusedWhileDraining: 0,
    strayResponses: 0,
  };

  constructor(
    context: SipContext,
    transactions: ProxyTransactions,
    transports: ProxyTransports,
    resolver: Resolver,
    policy: ProxyPolicy,
    options: ProxyOptions = {},
  ) {
    const secret = options.secret ?? context.random.token();
    const marks = new RouteMarks(context, secret);
    const tokens = new FlowTokens(context, transports, secret, policy);
    this.#routes = new RoutePreprocessing(transports, policy, tokens, marks);
    this.#loops = new LoopDetection(context, transports);
    const recordRouting = new RecordRouting(tokens, marks, policy);
    const settings = settingsOf(options);
    const lines = new DelayLines<'timerC'>(context.clock);
    const mayReach: ProxyEnvironment['mayReach'] = (destination, uri, { source, request: { method }, routed }) =>
      policy.mayReach?.(destination, {
        source,
        method,
        uri,
        vouched: routed.vouched,
        withGateway: routed.withGateway,
      }) ?? true;
    this.#environment = { context, transactions, transports, resolver, recordRouting, settings, lines, mayReach };
    this.#policy = policy;
    this.#acks = new AckForwarding(this.#environment, this.#routes, policy);
    this.#shares = new Shares(this.#environment.settings, policy);
  }

  /** Takes a new request, of any method but ACK and CANCEL. */
  request(transaction: ProxyServerTransaction): void {
    const { request, flow } = transaction;
    const { settings } = this.#environment;
    const invalid = validateRequest(request, settings.extensions, this.#isEmergency);
    if (invalid !== undefined) {
      this.#refuse(invalid, transaction);
      return;
    }
    if (this.#isFull(request)) {
      this.#counters.refusedForLimit += 1;
      this.#refuseForNow(transaction);
      return;
    }
    if (this.#draining && isBeginning(request) && !this.#isEmergency(request)) {
      this.#counters.refusedWhileDraining += 1;
      this.#refuseForNow(transaction);
      return;
    }
    const routed = this.#routes.process(request, flow);
    if (!(routed instanceof RoutedRequest)) {
      this.#refuse(routed instanceof SyntaxFault ? unreadable('Route', routed) : routed, transaction);
      return;
    }
    const through = this.#routes.passingTarget(routed);
    const context = this.#contextOf(routed, flow, through === undefined);
    if (context instanceof RequestContext) this.#decide(context, transaction, through);
    else this.#refuse(context, transaction);
  }

  /** The caller gave an INVITE up. The Reason of his CANCEL goes along downstream (RFC 3326). */
  cancel(transaction: ProxyServerTransaction, cancel?: SipRequest): void {
    const reasons = cancel?.rawAll('Reason') ?? [];
    transaction.work?.cancel(reasons.map((reason) => ['Reason', reason]));
  }

  /** Calls for help are let in for as long as requests within dialogs are. */
  goesFirst(request: SipRequest): boolean {
    return this.#isEmergency(request);
  }

  /** Takes an ACK to a 2xx. */
  ack(request: SipRequest, flow: Flow): void {
    this.#acks.forward(request, flow);
  }

  /** A response that belongs to nothing is not passed on (RFC 6026 7.3). */
  strayResponse(response: SipResponse, flow: Flow): void {
    this.#counters.strayResponses += 1;
    this.#environment.context.log.debug('stray response', { status: response.status, flow: flow.id });
  }

  /** From now on, what would begin a call or a subscription is answered 503; what stands goes on, and emergencies pass. */
  drain(): void {
    this.#draining = true;
  }

  /** Nothing is under way any more, and nothing comes. */
  stopped(): void {
    this.#environment.lines.stop();
  }

  stats(): ProxyStats {
    const counters = { ...this.#counters, droppedAcks: this.#acks.dropped };
    const { length: timers } = this.#environment.lines;
    return { requests: this.#requests, sources: this.#shares.size, timers, counters };
  }

  /** What can be known before the policy is asked, or why that already ends the request. */
  #contextOf(routed: RoutedRequest, flow: Flow, mayFork: boolean): RequestContext | InvalidRequest {
    const { request } = routed;
    const hops = hopsLeft(request);
    if (hops instanceof SyntaxFault) return unreadable('Max-Forwards', hops);
    if (hops === 0 && !this.#isForProxy(routed)) return { status: 483 };
    const breadth = breadthOf(request, this.#environment.settings.maximumBreadth);
    if (typeof breadth !== 'number') return breadth;
    // What only goes on along its route cannot multiply, and says nothing about loops (RFC 5393 4.2.2).
    if (!mayFork) return new RequestContext(routed, flow, hops, breadth, undefined);
    const loopHash = this.#loops.secondPart(request, this.#policy.loopKey?.(request, flow) ?? '');
    if (this.#loops.loops(request, loopHash)) {
      this.#counters.loops += 1;
      return { status: 482 };
    }
    return new RequestContext(routed, flow, hops, breadth, loopHash);
  }

  /** A request that ends here whatever the plan is may have no hops left. */
  #isForProxy({ request, uri }: RoutedRequest): boolean {
    if (request.method !== 'REGISTER' && request.method !== 'OPTIONS') return false;
    return uri instanceof SipUri && uri.user === undefined && this.#routes.isOurs(uri);
  }

  #decide(context: RequestContext, transaction: ProxyServerTransaction, through: Target | undefined): void {
    const { routed, source } = context;
    let plan: CallPlan | Promise<CallPlan>;
    try {
      plan =
        through === undefined
          ? this.#policy.plan(routed.request, source, routed)
          : this.#within(routed.request, source, through);
    } catch (error) {
      this.#planFailed(error, transaction);
      return;
    }
    if (plan instanceof Promise) this.#await(plan, context, transaction);
    else this.#execute(plan, context, transaction);
  }

  /** On along the route of its dialog, unless the policy has something against it. */
  #within(request: SipRequest, source: Flow, through: Target): CallPlan | Promise<CallPlan> {
    return whenKnown(this.#policy.refusalWithin?.(request, source), (refusal): CallPlan => {
      if (refusal !== undefined) return refusal;
      const { removeHeaders, headers } = this.#policy.passing?.(request) ?? nothingToTrim;
      return { kind: 'ring', stages: [{ targets: [through] }], removeHeaders, headers };
    });
  }

  #await(plan: Promise<CallPlan>, context: RequestContext, transaction: ProxyServerTransaction): void {
    let cancelled = false;
    this.#begin(transaction, {
      cancel: () => {
        cancelled = true;
        this.#done(transaction);
        this.#answer({ kind: 'reject', status: 487 }, transaction);
      },
    });
    if (context.isInvite) this.#trying(transaction);
    plan.then(
      (settled) => {
        if (cancelled) return;
        this.#done(transaction);
        this.#execute(settled, context, transaction);
      },
      (error: unknown) => {
        if (cancelled) return;
        this.#done(transaction);
        this.#planFailed(error, transaction);
      },
    );
  }

  #execute(plan: CallPlan, context: RequestContext, transaction: ProxyServerTransaction): void {
    const { request, routed, source: flow } = context;
    if (plan.kind === 'reject') {
      this.#answer(plan, transaction);
      return;
    }
    if (plan.kind === 'ring' && context.hops === 0) {
      this.#refuse({ status: 483 }, transaction);
      return;
    }
    const share = this.#shares.take({ request, flow, isWithin: routed.vouched, account: plan.account });
    if (share === undefined) {
      this.#counters.refusedForShare += 1;
      this.#refuseForNow(transaction);
      return;
    }
    transaction.chargeTo(share);
    if (plan.kind === 'ring') {
      this.#ring(plan, context, transaction);
    } else {
      share.answered();
      this.#settle(plan, context.request, transaction);
    }
  }

  #ring(plan: RingPlan, context: RequestContext, transaction: ProxyServerTransaction): void {
    const responses = new ResponseContext(this.#environment, context, transaction, this.#responseOwner);
    this.#counters.forwarded += 1;
    this.#begin(transaction, responses);
    if (context.isInvite) this.#trying(transaction);
    responses.run(plan);
  }

  #settle(plan: SettledPlan, request: SipRequest, transaction: ProxyServerTransaction): void {
    if (plan.kind === 'serve' && plan.server.cancel !== undefined) {
      this.#begin(transaction, { cancel: () => plan.server.cancel?.(transaction) });
      transaction.onEnd(() => this.#done(transaction));
    }
    answer(this.#environment.context, plan, transaction, request);
  }

  #begin(transaction: ProxyServerTransaction, work: TransactionWork): void {
    if (transaction.work === undefined) this.#requests += 1;
    transaction.work = work;
  }

  #done(transaction: ProxyServerTransaction): void {
    if (transaction.work !== undefined) this.#requests -= 1;
    transaction.work = undefined;
  }

  /** What stands goes on when nothing new is let in, and so does who calls for help. */
  #isFull(request: SipRequest): boolean {
    const { maximumContexts } = this.#environment.settings;
    if (this.#requests < maximumContexts) return false;
    const goesFirst = request.toTag !== undefined || this.#isEmergency(request);
    return !goesFirst || this.#requests >= maximumContexts * dialogHeadroom;
  }

  #trying(transaction: ProxyServerTransaction): void {
    transaction.respond(transaction.request.createResponse(100));
  }

  #answer(plan: SettledPlan, transaction: ProxyServerTransaction): void {
    answer(this.#environment.context, plan, transaction);
  }

  #planFailed(error: unknown, transaction: ProxyServerTransaction): void {
    this.#environment.context.log.error('the policy failed', { error: String(error) });
    this.#answer({ kind: 'reject', status: 500 }, transaction);
  }

  #refuseForNow(transaction: ProxyServerTransaction): void {
    const retryAfter = String(this.#environment.settings.retryAfter);
    this.#refuse({ status: 503, headers: [['Retry-After', retryAfter]] }, transaction);
  }

  /** Nobody has proved anything yet, so nothing is kept (RFC 3261 26.3.2.4). */
  #refuse(failure: InvalidRequest, transaction: ProxyServerTransaction): void {
    this.#answer({ kind: 'reject', ...failure, stateless: true }, transaction);
  }
}
