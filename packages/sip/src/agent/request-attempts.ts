import type { Timer } from '../context.ts';
import type { OutgoingRequest, RequestFailure, RequestUser, SendOptions } from '../dialog/contract.ts';
import { addressLines } from '../dialog/route-set.ts';
import type { AddressLines } from '../dialog/route-set.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { Uri } from '../message/uri.ts';
import type { ClientTransaction } from '../transaction/client-transaction.ts';
import type { ClientTransactionUser } from '../transaction/contract.ts';
import type { Flow, TransportError } from '../transport/contract.ts';
import { hostPort } from '../transport/ip-address.ts';
import type { ResolutionError } from '../transport/resolver.ts';
import { FlowRecovery, isFlowFailure } from './flow-recovery.ts';
import { RedirectTargets } from './redirect-targets.ts';
import type { SendingLayers } from './request-sender.ts';
import { addressed, destinationOf, fitsDatagram, flowOf, waysTo } from './ways.ts';
import type { Way } from './ways.ts';

/** Challenges that one request answers: a proxy's and a server's, each with a nonce that went stale, and as many more. */
const maximumChallenges = 6;
/** Far ends that are remembered for having asked for credentials. */
const maximumChallengers = 32;

/** What a Contact adds, which is written when the flow is known. */
const contactLength = 120;

const tooLarge: RequestFailure = {
  code: 'too-large',
  status: 503,
  message: 'too large for a hop that may not control congestion',
};
const cancelled: RequestFailure = { code: 'cancelled', status: 487, message: 'given up before it was answered' };

/** What all requests of one sender share. */
interface Shared {
  readonly challengers: Set<string>;
  done(attempts: RequestAttempts): void;
}

/**
 * finding: for the resolver; trying: a transaction has it; answered: the final response is known; over: no transaction
 * is left.
 */
type Stage = 'finding' | 'trying' | 'answered' | 'over';

/**
 * One request of a user agent with all that it may take to have it answered: one place after the other (RFC 3263 4.3),
 * answers to challenges, contacts of redirections. Each try is a client transaction of its own.
 */
export class RequestAttempts implements OutgoingRequest, ClientTransactionUser {
  readonly #layers: SendingLayers;
  readonly #user: RequestUser;
  readonly #options: SendOptions;
  readonly #shared: Shared;
  readonly #redirects: RedirectTargets;
  /** With its credentials and no address lines. */
  #request: SipRequest;
  #sent: SipRequest | undefined = undefined;
  #target: Uri | undefined = undefined;
  #route: readonly NameAddr[];
  #lines: AddressLines | undefined = undefined;
  #ways: readonly Way[] = [];
  #way = 0;
  #transaction: ClientTransaction | undefined = undefined;
  #flow: Flow | undefined = undefined;
  #stage: Stage = 'finding';
  #cancelled = false;
  #challenges = 0;
  /** The best there is so far, for when nothing better comes. */
  #last: SipResponse | RequestFailure | undefined = undefined;
  #timer: Timer | undefined = undefined;
  /** Whether a response has come to what was sent last. */
  #heard = false;
  readonly #recovery: FlowRecovery;

  constructor(layers: SendingLayers, request: SipRequest, user: RequestUser, options: SendOptions, shared: Shared) {
    this.#layers = layers;
    this.#request = request;
    this.#user = user;
    this.#options = options;
    this.#route = options.route ?? [];
    this.#shared = shared;
    this.#redirects = new RedirectTargets(options.redirects, request.requestUri);
    this.#recovery = new FlowRecovery(layers.context.clock, options.recover);
  }

  get request(): SipRequest {
    return this.#sent ?? this.#request;
  }

  get flow(): Flow | undefined {
    return this.#flow;
  }

  start(): void {
    const target = this.#request.requestUri;
    if (target instanceof SyntaxFault) {
      this.refuse({ code: 'no-transport', status: 503, message: target.reason });
      return;
    }
    const { flow, recover } = this.#options;
    const recovered = flow?.closed === true ? recover?.(undefined) : undefined;
    if (recovered === undefined) this.#find(target);
    else {
      void recovered.then(() => {
        if (this.#stage === 'finding' && !this.#cancelled) this.#find(target);
      });
    }
  }

  /** Ends it without sending it. The user hears of it later. */
  refuse(failure: RequestFailure): void {
    this.#last ??= failure;
    this.#timer ??= this.#layers.context.clock.after(0, () => {
      this.#conclude();
    });
  }

  cancel(headers: readonly HeaderInit[] = []): void {
    if (this.#cancelled || this.#stage === 'answered' || this.#stage === 'over') return;
    this.#cancelled = true;
    if (this.#stage === 'trying') this.#transaction?.cancel(headers);
    else {
      this.#last = cancelled;
      this.refuse(cancelled);
    }
  }

  /** Ends it at once when no transaction does. */
  stop(): void {
    if (this.#stage === 'over' || this.#stage === 'answered') {
      this.#over();
      return;
    }
    this.#last = { code: 'stopped', status: 503, message: 'the user agent was stopped' };
    this.#conclude();
  }

  response(response: SipResponse): void {
    const { status } = response;
    this.#heard = true;
    if (status < 200) {
      if (this.#stage === 'trying') this.#user.response(response);
      return;
    }
    if (this.#stage !== 'trying' && this.#stage !== 'answered') return;
    if (status < 300) {
      this.#succeed(response);
      return;
    }
    if (status === 401 || status === 407) this.#challenged(response);
    else if (status === 503) this.#unavailable(response);
    else if (status < 400) this.#redirected(response);
    else this.#failure(response);
  }

  failed(error: TransportError): void {
    if (this.#stage !== 'trying') return;
    const { code, message } = error;
    this.#note({ code, status: code === 'timeout' ? 408 : 503, message });
    if (code === 'stopped' || this.#cancelled) {
      this.#conclude();
      return;
    }
    this.#markFailed();
    this.#tryNextWay();
  }

  ended(transaction: ClientTransaction): void {
    if (transaction === this.#transaction && this.#stage === 'answered') this.#over();
  }

  #find(target: Uri): void {
    const lines = addressLines(target, this.#route);
    this.#target = target;
    this.#lines = lines;
    this.#stage = 'finding';
    this.#sent = addressed(this.#request, lines);
    const { flow, byFlow = false, contact } = this.#options;
    const size = this.#sent.text.length + (contact === undefined ? 0 : contactLength);
    const found = waysTo(this.#layers.resolver, lines, { flow, byFlow, size });
    if (found instanceof Promise) void found.then((ways) => this.#found(ways));
    else this.#found(found);
  }

  #found(ways: readonly Way[] | ResolutionError): void {
    if (this.#stage !== 'finding' || this.#cancelled) return;
    if ('code' in ways) {
      const { code, message } = ways;
      this.#note({ code, status: 503, message });
      this.#tryNextTarget();
      return;
    }
    this.#ways = ways;
    this.#way = -1;
    this.#tryNextWay();
  }

  #tryNextWay(): void {
    const { transports } = this.#layers;
    for (this.#way += 1; this.#way < this.#ways.length; this.#way += 1) {
      const way = this.#ways[this.#way];
      if (way === undefined) break;
      const flow = flowOf(transports, way);
      if ('send' in flow && (flow.secure || this.#lines?.secure !== true)) {
        this.#send(flow);
        return;
      }
      const message = 'send' in flow ? 'no secure way leads there' : flow.message;
      this.#note({ code: 'send' in flow ? 'no-transport' : flow.code, status: 503, message });
    }
    this.#tryNextTarget();
  }

  /** Credentials are made anew for each try: a server counts how often it has seen a nonce (RFC 7616 3.4). */
  #send(flow: Flow, hasFreshCredentials = false): void {
    const request = this.#sent ?? this.#request;
    const { contact, mustFitDatagram = false } = this.#options;
    const { digest, transactions } = this.#layers;
    const authorized =
      !hasFreshCredentials && this.#shared.challengers.has(farEnd(flow)) ? digest.authorize(request) : request;
    this.#sent = contact === undefined ? authorized : authorized.edit().set('Contact', contact(flow)).toMessage();
    if (mustFitDatagram && this.#lines?.secure !== true && !fitsDatagram(this.#sent.text.length)) {
      this.refuse(tooLarge);
      return;
    }
    this.#flow = flow;
    this.#heard = false;
    this.#stage = 'trying';
    this.#transaction = transactions.request(this.#sent, flow, this);
  }

  #succeed(response: SipResponse): void {
    this.#layers.digest.learn(this.request, response);
    this.#stage = 'answered';
    this.#user.response(response);
  }

  #failure(response: SipResponse): void {
    this.#note(response);
    if (this.#cancelled) this.#conclude();
    else this.#tryNextTarget();
  }

  #challenged(response: SipResponse): void {
    this.#challenges += 1;
    const answer =
      this.#challenges > maximumChallenges ? undefined : this.#layers.digest.answer(this.request, response);
    if (answer === undefined || 'kind' in answer) {
      this.#failure(response);
      return;
    }
    if (this.#flow !== undefined) this.#remember(farEnd(this.#flow));
    if (this.#cancelled) {
      this.#last = cancelled;
      this.#conclude();
      return;
    }
    this.#renumber(answer);
    const flow = this.#flow;
    const target = this.#target;
    // Whoever asked is to get the answer: the same server, over the same flow as long as there is one that takes it.
    if (flow !== undefined && !flow.closed && (flow.reliable || fitsDatagram(answer.text.length))) {
      this.#send(flow, true);
    } else if (target !== undefined) {
      this.#find(target);
    }
  }

  #unavailable(response: SipResponse): void {
    this.#note(response);
    const retryAfter = response.get(RetryAfter);
    this.#markFailed(retryAfter instanceof SyntaxFault ? undefined : retryAfter?.seconds);
    if (this.#cancelled) this.#conclude();
    else this.#tryNextWay();
  }

  #redirected(response: SipResponse): void {
    const target = this.#target;
    const proxy = response.status === 305 && !this.#cancelled ? this.#redirects.proxyOf(response) : undefined;
    if (proxy !== undefined && target !== undefined) {
      this.#note(response);
      this.#route = [proxy];
      this.#renumber(this.#request);
      this.#find(target);
      return;
    }
    this.#redirects.add(response);
    this.#failure(response);
  }

  #tryNextTarget(): void {
    const next = this.#redirects.next();
    if (next === undefined) {
      if (!this.#recovers()) this.#concludeLater();
      return;
    }
    const edit = this.request.edit().setRequestUri(next.requestUri).remove('Route');
    edit.remove('Authorization').remove('Proxy-Authorization');
    for (const [name, value] of next.headers) edit.append(name, value);
    this.#renumber(edit.toMessage());
    const target = this.#request.requestUri;
    if (target instanceof SyntaxFault) this.#tryNextTarget();
    else this.#find(target);
  }

  /** Whether it will go once more, over flows that are formed meanwhile. */
  #recovers(): boolean {
    // A server at the other end of a connection would have said something.
    const isDeaf = this.#flow?.reliable === true && !this.#heard;
    if (!isFlowFailure(this.#last, isDeaf)) return false;
    const recovers = this.#recovery.begin(isDeaf ? this.#flow : undefined, () => {
      this.#sendAgain();
    });
    if (recovers) this.#stage = 'finding';
    return recovers;
  }

  #sendAgain(): void {
    const target = this.#target;
    if (this.#stage !== 'finding' || this.#cancelled || target === undefined) return;
    this.#renumber(this.#request);
    this.#find(target);
  }

  /** Takes another CSeq number: a request that is new to those who have seen it before. */
  #renumber(request: SipRequest): void {
    const { sequence } = this.#options;
    const again = request
      .edit()
      .set('CSeq', `${String(sequence.next())} ${request.method}`)
      .toMessage();
    this.#request = again;
    this.#sent = again;
    this.#user.resent?.(again);
  }

  #note(outcome: SipResponse | RequestFailure): void {
    this.#last = better(this.#last, outcome);
  }

  #markFailed(seconds?: number): void {
    const way = this.#ways[this.#way];
    if (way === undefined) return;
    this.#layers.resolver.markFailed?.(destinationOf(way), seconds === undefined ? undefined : seconds * 1_000);
  }

  #remember(challenger: string): void {
    const { challengers } = this.#shared;
    challengers.delete(challenger);
    challengers.add(challenger);
    const [oldest] = challengers;
    if (challengers.size > maximumChallengers && oldest !== undefined) challengers.delete(oldest);
  }

  /** What is known before anything was sent is told later, never from within the user's own call. */
  #concludeLater(): void {
    if (this.#stage === 'trying') this.#conclude();
    else this.refuse({ code: 'unreachable', status: 503, message: 'there is nowhere to send it' });
  }

  #conclude(): void {
    if (this.#stage === 'answered' || this.#stage === 'over') return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#recovery.stop();
    this.#stage = 'answered';
    const last = this.#last;
    if (last === undefined) this.#user.failed(cancelled);
    else if ('code' in last) this.#user.failed(last);
    else this.#user.response(last);
    if (this.#transaction === undefined || this.#transaction.state === 'terminated') this.#over();
  }

  #over(): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    this.#timer?.cancel();
    this.#ways = [];
    this.#shared.done(this);
    this.#user.ended?.();
  }
}

/** Who asks for credentials, or is sent them. */
function farEnd({ remote }: Flow): string {
  return hostPort(remote.address, remote.port);
}

/** Of two outcomes in turn the one to tell of: the later, but an answer that somebody gave before a place out of order. */
function better(
  one: SipResponse | RequestFailure | undefined,
  other: SipResponse | RequestFailure,
): SipResponse | RequestFailure {
  const isAnswer = one !== undefined && !('code' in one) && one.status >= 400 && one.status !== 503;
  return isAnswer && other.status === 503 ? one : other;
}
