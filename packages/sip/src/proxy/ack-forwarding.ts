import { SyntaxFault } from '../message/fault.ts';
import type { SipRequest } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import { congestionSafe } from '../transport/congestion.ts';
import type { Destination, Flow } from '../transport/contract.ts';
import type { ResolutionError } from '../transport/resolver.ts';
import type { CallPlan, ProxyPolicy, RingPlan, Target } from './call-plan.ts';
import type { ProxyEnvironment } from './environment.ts';
import { nextHop } from './next-hop.ts';
import type { NextHop } from './next-hop.ts';
import { RequestContext } from './request-context.ts';
import { breadthOf, hopsLeft } from './request-validation.ts';
import { RoutedRequest } from './route-preprocessing.ts';
import type { RoutePreprocessing } from './route-preprocessing.ts';

/** How much longer an ACK gets here: Via, Max-Breadth. */
const addedLength = 120;

type Additions = Pick<RingPlan, 'headers' | 'removeHeaders'>;

/**
 * Forwards the ACK to a 2xx: without a transaction and to one place, for nothing can answer it and the UAC
 * repeats it when the 2xx comes again (RFC 3261 16.11, 13.2.2.4). What cannot be forwarded is dropped and counted.
 */
export class AckForwarding {
  readonly #environment: ProxyEnvironment;
  readonly #routes: RoutePreprocessing;
  readonly #policy: ProxyPolicy;
  dropped = 0;

  constructor(environment: ProxyEnvironment, routes: RoutePreprocessing, policy: ProxyPolicy) {
    this.#environment = environment;
    this.#routes = routes;
    this.#policy = policy;
  }

  forward(request: SipRequest, source: Flow): void {
    const routed = this.#routes.process(request, source);
    const hops = hopsLeft(request);
    const breadth = breadthOf(request, this.#environment.settings.maximumBreadth);
    if (!(routed instanceof RoutedRequest) || typeof hops !== 'number' || hops === 0 || typeof breadth !== 'number') {
      this.dropped += 1;
      return;
    }
    const context = new RequestContext(routed, source, hops, breadth, undefined);
    const through = this.#routes.passingTarget(routed);
    if (through !== undefined) {
      this.#send(context, through, this.#policy.passing?.(routed.request) ?? {});
      return;
    }
    // The Contact of the answerer is an address of ours (a GRUU, RFC 5627): the policy knows where it is.
    const plan = this.#policy.plan(routed.request, source, routed);
    if (plan instanceof Promise)
      plan.then(
        (settled) => this.#follow(context, settled),
        () => this.#drop(),
      );
    else this.#follow(context, plan);
  }

  #follow(context: RequestContext, plan: CallPlan): void {
    const target = plan.kind === 'ring' ? plan.stages[0]?.targets[0] : undefined;
    if (plan.kind !== 'ring' || target === undefined) this.#drop();
    else this.#send(context, target, plan);
  }

  #send(context: RequestContext, target: Target, additions: Additions): void {
    const hop = nextHop(target.uri, context.scheme, target.route, context.routed.route);
    if (hop instanceof SyntaxFault) this.#drop();
    else if (target.flow !== undefined) this.#sendOver(context, hop, target.flow, additions);
    else if (target.destination !== undefined) this.#sendTo(context, hop, [target.destination], additions);
    else if (hop.uri === undefined) this.#drop();
    else {
      const { uri } = hop;
      const answer = this.#environment.resolver.resolve(uri);
      if (answer instanceof Promise)
        answer.then(
          (found) => this.#sendToFound(context, hop, uri, found, additions),
          () => this.#drop(),
        );
      else this.#sendToFound(context, hop, uri, answer, additions);
    }
  }

  #sendToFound(
    context: RequestContext,
    hop: NextHop,
    uri: SipUri,
    found: readonly Destination[] | ResolutionError,
    additions: Additions,
  ): void {
    if ('code' in found) this.#drop();
    else {
      const reached = found.filter((each) => this.#environment.mayReach(each, uri, context));
      this.#sendTo(context, hop, reached, additions);
    }
  }

  #sendTo(context: RequestContext, hop: NextHop, destinations: readonly Destination[], additions: Additions): void {
    this.#tryFrom(0, context, hop, congestionSafe(destinations, context.request.text.length + addedLength), additions);
  }

  /** Sends to the first destination from `index` on that can be reached (RFC 3263 4.3, RFC 3261 18.1.1). */
  #tryFrom(
    index: number,
    context: RequestContext,
    hop: NextHop,
    destinations: readonly Destination[],
    additions: Additions,
  ): void {
    const destination = destinations[index];
    if (destination === undefined) {
      this.#drop();
      return;
    }
    const flow = this.#environment.transports.flowTo(destination);
    const tryNext = (): void => this.#tryFrom(index + 1, context, hop, destinations, additions);
    if (!('send' in flow)) tryNext();
    else this.#sendOver(context, hop, flow, additions, index + 1 < destinations.length ? tryNext : undefined);
  }

  #sendOver(
    context: RequestContext,
    hop: NextHop,
    flow: Flow,
    { headers, removeHeaders }: Additions,
    onError?: () => void,
  ): void {
    if (flow.closed || (hop.secure && !flow.secure)) this.#drop();
    else {
      // It cannot fork, but every request that goes on has the field, once (RFC 5393 5.3.3).
      const copy = context.copy(hop, flow, { headers, removeHeaders, maximumBreadth: context.breadth });
      this.#environment.transactions.send(copy, flow, onError);
    }
  }

  #drop(): void {
    this.dropped += 1;
  }
}
