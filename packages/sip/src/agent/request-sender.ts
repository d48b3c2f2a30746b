import type { SipContext } from '../context.ts';
import type { DigestClient } from '../auth/digest-client.ts';
import type { Acknowledgement, OutgoingRequest, RequestSender, RequestUser, SendOptions } from '../dialog/contract.ts';
import { addressLines } from '../dialog/route-set.ts';
import type { AddressLines } from '../dialog/route-set.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { SipRequest } from '../message/message.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/contract.ts';
import type { ResolutionError, Resolver } from '../transport/resolver.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import { RequestAttempts } from './request-attempts.ts';
import { addressed, flowOf, waysTo } from './ways.ts';
import type { Way } from './ways.ts';

/** What sending needs of the layers beneath. */
export interface SendingLayers {
  readonly context: SipContext;
  readonly transports: Pick<TransportLayer, 'flowTo'>;
  readonly transactions: Pick<TransactionLayer, 'request' | 'send'>;
  readonly resolver: Resolver;
  readonly digest: DigestClient;
  /** Requests under way at once. */
  readonly maximumRequests: number;
}

/** Sends what a user agent has to send (RFC 3261 8.1). */
export class UserAgentSender implements RequestSender {
  readonly #layers: SendingLayers;
  readonly #attempts = new Set<RequestAttempts>();
  /** Far ends that have asked for credentials: what goes there carries them from the start. */
  readonly #challengers = new Set<string>();

  constructor(layers: SendingLayers) {
    this.#layers = layers;
  }

  /** Requests that wait for a response, or for the end of their transaction. */
  get size(): number {
    return this.#attempts.size;
  }

  send(request: SipRequest, user: RequestUser, options: SendOptions): OutgoingRequest {
    const attempts = new RequestAttempts(this.#layers, request, user, options, {
      challengers: this.#challengers,
      done: (done) => this.#attempts.delete(done),
    });
    const hasRoom = this.#attempts.size < this.#layers.maximumRequests;
    this.#attempts.add(attempts);
    if (hasRoom) attempts.start();
    else attempts.refuse({ code: 'overflow', status: 503, message: 'too many requests are under way' });
    return attempts;
  }

  acknowledge(ack: SipRequest, options: Pick<SendOptions, 'route' | 'flow' | 'byFlow'>): Acknowledgement {
    return new RoutedAck(this.#layers, ack, options);
  }

  /** Gives up what no transaction has in hand. */
  stop(): void {
    for (const attempts of [...this.#attempts]) attempts.stop();
  }
}

/** An ACK to a 2xx on its way: repeated over the flow that it took, and looked up anew when that is gone. */
class RoutedAck implements Acknowledgement {
  readonly request: SipRequest;
  readonly #layers: SendingLayers;
  readonly #options: Pick<SendOptions, 'flow' | 'byFlow'>;
  readonly #lines: AddressLines | undefined;
  #flow: Flow | undefined = undefined;

  constructor(
    layers: SendingLayers,
    ack: SipRequest,
    { route = [], ...options }: Pick<SendOptions, 'route' | 'flow' | 'byFlow'>,
  ) {
    this.#layers = layers;
    this.#options = options;
    const target = ack.requestUri;
    this.#lines = target instanceof SyntaxFault ? undefined : addressLines(target, route);
    this.request = this.#lines === undefined ? ack : addressed(ack, this.#lines);
    this.repeat();
  }

  repeat(): void {
    if (this.#flow?.closed === false) this.#layers.transactions.send(this.request, this.#flow);
    else this.#find();
  }

  #find(): void {
    const lines = this.#lines;
    if (lines === undefined) return;
    const { flow, byFlow = false } = this.#options;
    const found = waysTo(this.#layers.resolver, lines, { flow, byFlow, size: this.request.text.length });
    if (found instanceof Promise) void found.then((ways) => this.#found(ways, lines));
    else this.#found(found, lines);
  }

  #found(ways: readonly Way[] | ResolutionError, { secure }: AddressLines): void {
    if ('code' in ways) return;
    for (const way of ways) {
      const flow = flowOf(this.#layers.transports, way);
      if (!('send' in flow) || flow.closed || (secure && !flow.secure)) continue;
      this.#flow = flow;
      this.#layers.transactions.send(this.request, flow);
      return;
    }
  }
}
