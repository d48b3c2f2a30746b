import type { SipContext } from '../context.ts';
import type { DigestClient } from '../auth/digest-client.ts';
import type { Acknowledgement, OutgoingRequest, RequestSender, RequestUser, SendOptions } from '../dialog/contract.ts';
import { addressLines } from '../dialog/route-set.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { SipRequest } from '../message/message.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Flow } from '../transport/contract.ts';
import type { Resolver } from '../transport/resolver.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import { RequestAttempts } from './request-attempts.ts';
import { flowOf, waysTo } from './ways.ts';

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
  /** Hosts that have asked for credentials: their requests carry them from the start. */
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

/** An ACK to a 2xx on its way: looked up once, and then repeated over the same flow. */
class RoutedAck implements Acknowledgement {
  readonly request: SipRequest;
  readonly #layers: SendingLayers;
  #flow: Flow | undefined = undefined;

  constructor(
    layers: SendingLayers,
    ack: SipRequest,
    { route = [], flow, byFlow = false }: Pick<SendOptions, 'route' | 'flow' | 'byFlow'>,
  ) {
    this.#layers = layers;
    const target = ack.requestUri;
    if (target instanceof SyntaxFault) {
      this.request = ack;
      return;
    }
    const lines = addressLines(target, route);
    const edit = ack.edit().setRequestUri(lines.requestUri);
    for (const value of lines.route) edit.append('Route', value);
    this.request = edit.toMessage();
    const found = waysTo(layers.resolver, lines, { flow, byFlow, size: this.request.text.length });
    const take = (ways: Awaited<typeof found>): void => {
      if ('code' in ways) return;
      for (const way of ways) {
        const open = flowOf(layers.transports, way);
        if (!('send' in open) || (lines.secure && !open.secure)) continue;
        this.#flow = open;
        this.repeat();
        return;
      }
    };
    if (found instanceof Promise) void found.then(take);
    else take(found);
  }

  repeat(): void {
    if (this.#flow !== undefined && !this.#flow.closed) this.#layers.transactions.send(this.request, this.#flow);
  }
}
