import type { Timer } from '../context.ts';
import type { OutgoingRequest, RequestFailure, RequestUser, UserAgentCore } from '../dialog/contract.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { RetryAfter } from '../message/headers/retry-after.ts';
import type { SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { Flow, SocketAddress } from '../transport/contract.ts';
import type { ContactUser } from './own-contact.ts';
import { RegisterRequest } from './register-request.ts';
import { readRegistrationAnswer } from './registration-answer.ts';
import type { RegistrationAnswer } from './registration-answer.ts';
import { registrationFlow } from './registration-machine.ts';
import type { RegistrationFlowAction, RegistrationFlowEvent, RegistrationFlowState } from './registration-machine.ts';
import type { RegistrationFailure } from './registration-options.ts';
import { isAt, seenBy } from './seen-address.ts';

/** What the flows of one registration have in common. */
export interface RegistrationFlowOwner {
  readonly core: UserAgentCore;
  readonly user: ContactUser;
  readonly instanceId: string;
  readonly features: Readonly<Record<string, string | true>>;
  readonly headers: readonly HeaderInit[];
  /** Milliseconds until the next try after so many failures in a row (RFC 5626 4.5). */
  retryDelay(failures: number): number;
  changed(flow: RegistrationFlow): void;
}

/** A flow that ends sooner than this did not work: the next one waits as after a failure, in milliseconds. */
const provenAfter = 30_000;
/** A few changes to one request, as after a 423 and a 439; no more. */
const maximumChanges = 4;
/** Answers that ask again get: the registrar said no, and not for now alone. */
const refusals: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 405, 407, 410, 416, 420, 421, 484, 501, 604]);

/** One way that a phone is registered by: a reg-id of RFC 5626, with its Call-ID, its flow and its timers. */
export class RegistrationFlow {
  readonly regId: number;
  readonly #owner: RegistrationFlowOwner;
  readonly #route: readonly NameAddr[] | undefined;
  readonly #register: RegisterRequest;
  #state: RegistrationFlowState = 'initial';
  #flow: Flow | undefined = undefined;
  #unwatch: (() => void) | undefined = undefined;
  #request: OutgoingRequest | undefined = undefined;
  /** What the last answer came over. */
  #used: Flow | undefined = undefined;
  /** Which request is under way; what comes of an older one is of no interest. */
  #round = 0;
  #timer: Timer | undefined = undefined;
  #timerEnd = 0;
  #answer: RegistrationAnswer | undefined = undefined;
  #failure: RegistrationFailure | undefined = undefined;
  #failures = 0;
  #changes = 0;
  #retryAfter: number | undefined = undefined;
  #registeredAt = 0;
  #until = 0;

  constructor(owner: RegistrationFlowOwner, regId: number, expires: number, route: readonly NameAddr[] | undefined) {
    this.#owner = owner;
    this.regId = regId;
    this.#route = route;
    this.#register = new RegisterRequest(owner, regId, expires);
  }

  get state(): RegistrationFlowState {
    return this.#state;
  }

  /** A binding stands. */
  get isRegistered(): boolean {
    return this.#state === 'registered' || this.#state === 'refreshing';
  }

  /** What carries the registration. */
  get flow(): Flow | undefined {
    return this.isRegistered && this.#flow?.closed === false ? this.#flow : undefined;
  }

  get answer(): RegistrationAnswer | undefined {
    return this.isRegistered ? this.#answer : undefined;
  }

  /** Where the registrar sees this side, while that matters to the Contact. */
  get seenAs(): SocketAddress | undefined {
    return this.#register.seenAs;
  }

  get failure(): RegistrationFailure | undefined {
    return this.#failure;
  }

  /** When the binding runs out, in milliseconds since 1970. */
  get until(): number {
    return this.#until;
  }

  /** When the next try is due, while it waits for one. */
  get retryAt(): number | undefined {
    const { clock } = this.#owner.core.context;
    return this.#state === 'waiting' ? Math.round(clock.date() + Math.max(0, this.#timerEnd - clock.now())) : undefined;
  }

  begin(): void {
    this.#failures = 0;
    this.#run('begin');
  }

  networkChanged(): void {
    this.#failures = 0;
    this.#run('networkChanged');
  }

  /** Removes the binding. */
  end(): void {
    this.#run('end');
  }

  /** Lets go of everything, without another message. */
  stop(): void {
    this.#state = 'terminated';
    this.#abandonRequest();
    this.#stopTimer();
    this.#dropFlow();
  }

  #run(event: RegistrationFlowEvent): void {
    const step = registrationFlow[this.#state][event];
    if (step === undefined) return;
    this.#state = step.to;
    for (const action of step.actions) this.#perform(action);
  }

  #perform(action: RegistrationFlowAction): void {
    switch (action) {
      case 'register':
        this.#send(this.#register.expires);
        break;
      case 'unregister':
        this.#send(0);
        break;
      case 'unregisterBound':
        if (this.#register.bound !== undefined && this.#owner.core.context.clock.date() < this.#until) this.#send(0);
        else this.#run('accepted');
        break;
      case 'abandonRequest':
        this.#abandonRequest();
        break;
      case 'dropFlow':
        this.#dropFlow();
        break;
      case 'closeFlow':
        this.#closeFlow();
        break;
      case 'keepFlow':
        this.#keepFlow();
        break;
      case 'startTimerRefresh':
        this.#startTimer(refreshDelay(this.#answer?.expires ?? this.#register.expires, this.#random()), 'timerRefresh');
        break;
      case 'startTimerRetry':
        this.#startTimer(this.#retryDelay(), 'timerRetry');
        break;
      case 'stopTimers':
        this.#stopTimer();
        break;
      case 'tell':
        this.#owner.changed(this);
        break;
    }
  }

  /** RFC 3261 10.2. */
  #send(expires: number): void {
    const { core } = this.#owner;
    this.#round += 1;
    const request = this.#register.create(expires);
    this.#request = core.sender.send(request, this.#listener(this.#round, expires), {
      sequence: this.#register.sequence,
      route: this.#route,
      flow: this.#flow,
      byFlow: this.#flow !== undefined,
      contact: (flow) => this.#register.contactFor(flow, expires, this.#answer?.outbound !== false),
      redirects: { follow: () => true },
    });
  }

  #listener(round: number, expires: number): RequestUser {
    return {
      response: (response) => {
        if (round === this.#round && response.status >= 200) this.#answered(response, expires);
      },
      failed: (failure) => {
        if (round === this.#round) this.#unanswered(failure);
      },
    };
  }

  #answered(response: SipResponse, expires: number): void {
    const { status } = response;
    this.#used = this.#request?.flow;
    this.#request = undefined;
    if (status < 300) {
      this.#accepted(response, expires);
      return;
    }
    this.#failure = { status, reason: response.reason };
    const retryAfter = response.get(RetryAfter);
    this.#retryAfter = retryAfter instanceof SyntaxFault ? undefined : retryAfter?.seconds;
    if (this.#changes < maximumChanges && this.#register.change(response)) {
      this.#changes += 1;
      this.#run('again');
      return;
    }
    this.#changes = 0;
    this.#run(refusals.has(status) && this.#retryAfter === undefined ? 'refused' : 'unavailable');
  }

  #accepted(response: SipResponse, expires: number): void {
    const { context } = this.#owner.core;
    const { instanceId } = this.#owner;
    const register = this.#register;
    const { contact, regId } = register;
    if (contact === undefined) return;
    this.#changes = 0;
    this.#failure = undefined;
    register.bound = expires === 0 ? undefined : contact;
    if (this.#state === 'unregistering') {
      this.#run('accepted');
      return;
    }
    this.#answer = readRegistrationAnswer(response, { contact, instanceId, regId, expires });
    this.#until = context.clock.date() + this.#answer.expires * 1_000;
    const seenAs = seenBy(response);
    const moved = !this.#answer.outbound && seenAs !== undefined && !isAt(contact, seenAs);
    register.seenAs = seenAs;
    this.#run('accepted');
    // RFC 3581: the contact that was registered leads nowhere; the one that the registrar sees may.
    if (moved) this.#run('again');
  }

  #unanswered(failure: RequestFailure): void {
    const used = this.#request?.flow;
    this.#request = undefined;
    if (failure.code === 'stopped') {
      this.stop();
      return;
    }
    const { status, message } = failure;
    this.#failure = { status, reason: message, code: failure.code };
    this.#retryAfter = undefined;
    if (failure.code === 'timeout' && used !== undefined) {
      // Nobody is at the other end of it any more: the next try is to go over a new one.
      if (used === this.#flow) this.#dropFlow();
      used.close('timeout');
    }
    // A refresh that nobody answered says that the flow is dead; a new one may not be (RFC 5626 4.5).
    this.#run(this.#state === 'refreshing' ? 'flowLost' : 'unavailable');
  }

  #keepFlow(): void {
    const flow = this.#used;
    if (flow === undefined) return;
    if (flow !== this.#flow) {
      this.#dropFlow();
      this.#flow = flow;
      this.#registeredAt = this.#owner.core.context.clock.now();
      this.#unwatch = flow.onClose(() => {
        this.#lost();
      });
    }
    // A registrar that does not say `outbound` need not answer a keep-alive (RFC 5626 4.4).
    if (this.#answer?.outbound === true) flow.keepAlive(this.#answer.flowTimer);
  }

  /** The first loss is mended at once (RFC 5626 4.5); a flow that never holds for long counts as a failure. */
  #lost(): void {
    const lasted = this.#owner.core.context.clock.now() - this.#registeredAt;
    if (lasted >= provenAfter) this.#failures = 0;
    if (this.#failures > 0) {
      this.#failure = { status: 503, reason: 'the connection does not hold', code: 'closed' };
      this.#retryAfter = undefined;
      this.#run('unavailable');
      return;
    }
    if (lasted < provenAfter) this.#failures = 1;
    this.#run('flowLost');
  }

  #dropFlow(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#flow = undefined;
  }

  /** What is left of it would only be found and used again. */
  #closeFlow(): void {
    const flow = this.#flow;
    this.#dropFlow();
    flow?.close('closed');
  }

  #abandonRequest(): void {
    this.#round += 1;
    this.#request?.cancel();
    this.#request = undefined;
  }

  #retryDelay(): number {
    const delay = this.#owner.retryDelay(this.#failures);
    this.#failures += 1;
    return Math.max(delay, (this.#retryAfter ?? 0) * 1_000);
  }

  #random(): number {
    return this.#owner.core.context.random.fraction();
  }

  #startTimer(milliseconds: number, event: 'timerRefresh' | 'timerRetry'): void {
    const { clock } = this.#owner.core.context;
    this.#stopTimer();
    this.#timerEnd = clock.now() + milliseconds;
    this.#timer = clock.after(milliseconds, () => {
      this.#timer = undefined;
      this.#run(event);
    });
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

/**
 * Milliseconds until a binding is refreshed: early enough that a refresh may go unanswered once, and half way where it
 * is short; spread, so that phones that started together do not all come at once.
 */
function refreshDelay(expires: number, random: number): number {
  const lead = Math.min(expires / 2, Math.max(64, expires / 10));
  return 1_000 * (expires - lead) * (0.95 + 0.05 * random);
}
