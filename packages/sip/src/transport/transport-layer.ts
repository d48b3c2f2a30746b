import type { SipContext } from '../context.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Via } from '../message/headers/via.ts';
import { defaultLimits, MalformedMessage, parseMessage, SipRequest } from '../message/message.ts';
import type { MessageLimits, SipResponse } from '../message/message.ts';
import type {
  Destination,
  Flow,
  Transport,
  TransportError,
  TransportProtocol,
  TransportReceiver,
  TransportStats,
} from './contract.ts';
import { isTransportProtocol } from './default-port.ts';
import { isLoopback } from './ip-address.ts';
import { ListenerNames } from './listener-names.ts';
import { malformedAnswer } from './malformed-answer.ts';
import type { MalformedAnswer } from './malformed-answer.ts';
import { datagramResponseRoute, reconnectRoute, viaResponseRoute } from './response-route.ts';
import { transportError } from './transport-error.ts';
import { requestWithSource, textWithSource } from './via-source.ts';

/** Who gets the messages that are in order. */
export interface TransportUser {
  /** Its top Via says where it came from. */
  request(request: SipRequest, flow: Flow): void;
  /** Its top Via is one of ours. */
  response(response: SipResponse, flow: Flow): void;
}

/** The transports of a layer, and how large what comes by them may be. */
export interface TransportLayerOptions {
  readonly transports: readonly Transport[];
  readonly limits?: MessageLimits;
}

/** {@link TransportStats} of all transports, and what was wrong with what came. */
export interface TransportLayerStats extends TransportStats {
  /** Answered, where an answer was possible. */
  readonly malformedRequests: number;
  readonly malformedResponses: number;
  /** Neither a request nor a response. */
  readonly garbage: number;
  /** Responses to a Via that is not ours (RFC 3261 18.1.2). */
  readonly foreignResponses: number;
  /** Responses with nowhere to go. */
  readonly undeliverable: number;
}

const nobody: TransportUser = { request: () => undefined, response: () => undefined };

/** The transport layer of RFC 3261 18: between the sockets and the transactions. */
export class TransportLayer implements TransportReceiver {
  private readonly context: SipContext;
  private readonly transports: readonly Transport[];
  private readonly limits: MessageLimits;
  private user: TransportUser = nobody;
  private names: ListenerNames;
  private tagKey: string | undefined = undefined;
  private flowCount = 0;
  private readonly overLimits = new Map<string, number>();
  private malformedRequests = 0;
  private malformedResponses = 0;
  private garbage = 0;
  private foreignResponses = 0;
  private undeliverable = 0;

  constructor(context: SipContext, options: TransportLayerOptions) {
    this.context = context;
    this.transports = options.transports;
    this.limits = options.limits ?? defaultLimits;
    this.names = new ListenerNames([]);
  }

  /** Starts every transport. When one cannot start, the others are stopped again and its error is thrown. */
  async start(user: TransportUser): Promise<void> {
    this.user = user;
    const started: Transport[] = [];
    try {
      for (const transport of this.transports) {
        await transport.start(this);
        started.push(transport);
      }
    } catch (error) {
      await Promise.all(started.map((transport) => transport.stop()));
      this.user = nobody;
      throw error;
    }
    this.networkChanged();
  }

  /** The machine has other addresses now: what comes back to them is for this element. */
  networkChanged(): void {
    this.names = new ListenerNames(this.transports);
  }

  async stop(): Promise<void> {
    await Promise.all(this.transports.map((transport) => transport.stop()));
    this.user = nobody;
    this.names = new ListenerNames([]);
  }

  /** A flow to the destination, perhaps still connecting; an error when no transport can get there. */
  flowTo(destination: Destination): Flow | TransportError {
    let best: Transport | undefined;
    for (const transport of this.transports) {
      if (transport.protocol !== destination.protocol || !transport.reaches(destination.address)) continue;
      best ??= transport;
      if (isLoopback(transport.local?.address ?? '') === isLoopback(destination.address))
        return transport.connect(destination);
    }
    if (best !== undefined) return best.connect(destination);
    return transportError('unreachable', `no ${destination.protocol} transport reaches ${destination.address}`);
  }

  /** The open flow of that number. */
  flow(id: number): Flow | undefined {
    for (const transport of this.transports) {
      const flow = transport.flow(id);
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  /** `host:port` for the Via and Record-Route of what leaves on the flow. */
  sentBy(flow: Flow): string {
    return flow.sentBy;
  }

  /**
   * Whether a host (lower case, IPv6 without brackets) and port name a listener of ours. Without a port the default
   * one is meant; without a protocol any will do.
   */
  isOurs(host: string, port: number | undefined, protocol?: TransportProtocol): boolean {
    return this.names.includes(host, port, protocol);
  }

  /**
   * Sends a response where its request came from (RFC 3261 18.2.2): over the same flow, or over a new connection when
   * that one is gone. Without the flow, where the top Via says. A failure of this one message reaches `onError`.
   */
  sendResponse(response: SipResponse, flow?: Flow, onError?: (error: TransportError) => void): void {
    const via = response.topVia;
    if (flow === undefined) this.sendTo(viaResponseRoute(via), response.text, onError);
    else this.answer({ text: response.text, via }, flow, onError);
  }

  stats(): TransportLayerStats {
    const stats = this.transports.map((transport) => transport.stats());
    const refused: Record<string, number> = Object.fromEntries(this.overLimits);
    for (const { refused: counts } of stats) {
      for (const [limit, count] of Object.entries(counts)) refused[limit] = (refused[limit] ?? 0) + count;
    }
    return {
      flows: stats.reduce((sum, { flows }) => sum + flows, 0),
      received: stats.reduce((sum, { received }) => sum + received, 0),
      sent: stats.reduce((sum, { sent }) => sum + sent, 0),
      refused,
      malformedRequests: this.malformedRequests,
      malformedResponses: this.malformedResponses,
      garbage: this.garbage,
      foreignResponses: this.foreignResponses,
      undeliverable: this.undeliverable,
    };
  }

  nextFlowId(): number {
    this.flowCount += 1;
    return this.flowCount;
  }

  message(text: string, flow: Flow): void {
    const message = parseMessage(textWithSource(text, flow), this.limits);
    if (message instanceof MalformedMessage) {
      this.malformed(message, flow);
    } else if (message instanceof SipRequest) {
      this.acceptAlias(message, flow);
      this.user.request(requestWithSource(message, flow), flow);
    } else {
      const via = message.topVia;
      if (isTransportProtocol(via.protocol) && this.names.includes(via.host, via.port, via.protocol)) {
        this.user.response(message, flow);
      } else {
        this.foreignResponses += 1;
      }
    }
  }

  broken(text: string, status: number, reason: string, flow: Flow): void {
    const message = parseMessage(text, this.limits);
    const partial = message instanceof MalformedMessage ? message.message : message;
    this.malformed(new MalformedMessage(new SyntaxFault(reason, text.length, status), partial), flow);
  }

  /** Nothing about it is logged: whoever sends it decides how often that would be. */
  private malformed(malformed: MalformedMessage, flow: Flow): void {
    const { limit } = malformed.fault;
    if (limit !== undefined) this.overLimits.set(limit, (this.overLimits.get(limit) ?? 0) + 1);
    if (malformed.message === undefined) this.garbage += 1;
    else if (!(malformed.message instanceof SipRequest)) this.malformedResponses += 1;
    else this.malformedRequests += 1;
    const answer = malformedAnswer(malformed, flow, () => this.answerTag(malformed));
    if (answer !== undefined) this.answer(answer, flow);
  }

  /** Without a transaction: the same tag for the same request (RFC 3261 8.2.7), and no other can be made to fit it. */
  private answerTag({ message }: MalformedMessage): string {
    this.tagKey ??= this.context.random.token();
    return this.context.hashes
      .hmac(this.tagKey, `${message?.raw(Via) ?? ''}\n${message?.raw('Call-ID') ?? ''}`)
      .slice(0, 32);
  }

  /** The far end asks for requests of ours over its own connection (RFC 5923 5); the flow knows whether it may. */
  private acceptAlias(request: SipRequest, flow: Flow): void {
    if (flow.peer === undefined || !request.topVia.parameters.has('alias')) return;
    flow.acceptAlias(request.topVia.port ?? 5061);
  }

  private answer({ text, via }: MalformedAnswer, flow: Flow, onError?: (error: TransportError) => void): void {
    if (!flow.reliable) {
      const route = via && datagramResponseRoute(via, flow);
      if (route === undefined) flow.send(text, onError);
      else this.transportOf(flow)?.connect(route).send(text, onError);
    } else if (flow.closed) {
      this.sendTo(via && reconnectRoute(via, flow), text, onError);
    } else {
      flow.send(text, onError);
    }
  }

  /** A response leaves from the very socket that its request came to. */
  private transportOf(flow: Flow): Transport | undefined {
    return this.transports.find((transport) => transport.flow(flow.id) === flow);
  }

  private sendTo(route: Destination | undefined, text: string, onError?: (error: TransportError) => void): void {
    const flow = route && this.flowTo(route);
    if (flow !== undefined && !('code' in flow)) {
      flow.send(text, onError);
      return;
    }
    this.undeliverable += 1;
    onError?.(flow ?? transportError('unreachable', 'the Via names nowhere to go'));
  }
}
