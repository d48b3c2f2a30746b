import type { UserAgentCore } from '../dialog/contract.ts';
import type { HeaderInit } from '../message/header.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { SipUri } from '../message/uri.ts';
import type { Flow, SocketAddress } from '../transport/contract.ts';
import type { ContactUser } from './own-contact.ts';
import { RegistrationFlow } from './registration-flow.ts';
import type { RegistrationFlowOwner } from './registration-flow.ts';
import { defaultFlowRecoveryTimes } from './registration-options.ts';
import type { FlowRecoveryTimes, RegistrationOptions, RegistrationState } from './registration-options.ts';

/** An outbound-proxy-set may be larger; no more flows are formed (RFC 5626 4.2.1). */
const maximumFlows = 4;
const defaultExpires = 3_600;

export interface RegistrationParts {
  readonly core: UserAgentCore;
  readonly user: ContactUser;
  /** The routes of the user agent. */
  readonly route: readonly NameAddr[];
  readonly headers: readonly HeaderInit[];
  readonly options: RegistrationOptions;
}

/**
 * Keeps an address of record bound to this phone (RFC 3261 10): one flow or several (RFC 5626), refreshed in time, and
 * formed anew when one breaks. It begins with {@link begin}.
 */
export class Registration implements RegistrationFlowOwner {
  readonly core: UserAgentCore;
  readonly user: ContactUser;
  readonly headers: readonly HeaderInit[];
  readonly features: Readonly<Record<string, string | true>>;
  /** What the registrar knows this phone by (RFC 5626 4.1). */
  readonly instanceId: string;
  readonly #flows: readonly RegistrationFlow[];
  readonly #recovery: FlowRecoveryTimes;
  readonly #listeners = new Set<(state: RegistrationState) => void>();
  #told: RegistrationState = { kind: 'unregistered' };
  /** Who waits for the end. */
  #ending: (() => void)[] = [];

  constructor({ core, user, route, headers, options }: RegistrationParts) {
    this.core = core;
    this.user = user;
    this.headers = [...headers, ['Supported', 'path, outbound, gruu']];
    this.features = options.features ?? {};
    this.instanceId = options.instanceId ?? randomUrn(core.context.random.bytes(16));
    this.#recovery = { ...defaultFlowRecoveryTimes, ...options.recovery };
    const proxies = options.outboundProxies ?? [];
    const routes = proxies.length === 0 ? [route] : proxies.slice(0, maximumFlows).map((proxy) => [proxy]);
    const expires = options.expires ?? defaultExpires;
    this.#flows = routes.map((each, index) => new RegistrationFlow(this, index + 1, expires, each));
  }

  get state(): RegistrationState {
    return this.#told;
  }

  /** What to send requests over (RFC 5626 4.3): the first flow that stands. */
  get flow(): Flow | undefined {
    return this.#standing()?.flow;
  }

  /** The routes that the registrar asks for (RFC 3608). */
  get serviceRoute(): readonly NameAddr[] {
    return this.#standing()?.answer?.serviceRoute ?? [];
  }

  /** The URI that leads to this very phone and no other (RFC 5627); undefined where the registrar gives none. */
  get publicGruu(): SipUri | undefined {
    return this.#standing()?.answer?.publicGruu;
  }

  /** The same, and it does not say whose phone it is. */
  get temporaryGruu(): SipUri | undefined {
    return this.#standing()?.answer?.temporaryGruu;
  }

  /** What else is bound to the address: the other phones of the same person. */
  get otherBindings(): readonly NameAddr[] {
    const own = `<${this.instanceId}>`;
    const others = this.#standing()?.answer?.others ?? [];
    return others.filter(({ parameters }) => parameters.get('+sip.instance') !== own);
  }

  /** Whether the registration goes over that flow. */
  carries(flow: Flow): boolean {
    return this.#flowOn(flow) !== undefined;
  }

  /** Whether requests come back over that flow and no other way (RFC 5626). */
  isOutbound(flow: Flow): boolean {
    return this.#flowOn(flow)?.answer?.outbound === true;
  }

  /** Where the registrar sees this side on that flow. */
  seenAs(flow: Flow): SocketAddress | undefined {
    return this.#flowOn(flow)?.seenAs;
  }

  /** Calls back at each change, until the function that it returns is called. */
  onChange(listener: (state: RegistrationState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Registers, or tries again at once what has failed. */
  begin(): void {
    for (const flow of this.#flows) flow.begin();
  }

  /**
   * Forms anew at once what has failed and would be tried again later, and `dead`, where it is a flow of this registration.
   * Resolves when that is done, or cannot be done at the moment; undefined when there is no registration any more.
   */
  restore(dead?: Flow): Promise<void> | undefined {
    if (this.#isOver()) return undefined;
    if (dead !== undefined && this.carries(dead)) dead.close('timeout');
    for (const flow of this.#flows) if (flow.state === 'waiting') flow.begin();
    return new Promise((resolve) => {
      const look = ({ kind }: RegistrationState): void => {
        if (kind === 'registering') return;
        unlisten();
        resolve();
      };
      const unlisten = this.onChange(look);
      look(this.#told);
    });
  }

  /** The machine has other addresses now: every flow is formed anew. */
  networkChanged(): void {
    for (const flow of this.#flows) flow.networkChanged();
  }

  /** Removes the bindings. Resolves when the registrar has said so, or does not answer. */
  end(): Promise<void> {
    if (this.#isOver()) return Promise.resolve();
    const over = new Promise<void>((resolve) => {
      this.#ending.push(resolve);
    });
    for (const flow of this.#flows) flow.end();
    return over;
  }

  /** Lets go of everything, without another message. */
  stop(): void {
    for (const flow of this.#flows) flow.stop();
    this.#tell();
    this.#listeners.clear();
  }

  retryDelay(failures: number): number {
    const { base, baseAllFailed, maximum } = this.#recovery;
    const start = this.#standing() === undefined ? baseAllFailed : base;
    const longest = Math.min(maximum, start * 2 ** Math.min(failures, 30));
    return longest * (0.5 + 0.5 * this.core.context.random.fraction());
  }

  changed(flow: RegistrationFlow): void {
    // Without outbound at the registrar, several flows are several phones to it, and calls come once for each.
    if (flow.answer?.outbound === false) {
      for (const other of this.#flows) if (other !== flow) other.end();
    }
    this.#tell();
  }

  #tell(): void {
    const state = this.#stateNow();
    const hasChanged = JSON.stringify(state) !== JSON.stringify(this.#told);
    this.#told = state;
    if (this.#isOver()) {
      const ending = this.#ending;
      this.#ending = [];
      for (const resolve of ending) resolve();
    }
    if (hasChanged) for (const listener of [...this.#listeners]) listener(state);
  }

  #stateNow(): RegistrationState {
    const registered = this.#flows.filter(({ isRegistered }) => isRegistered);
    if (registered.length > 0) return { kind: 'registered', until: Math.max(...registered.map(({ until }) => until)) };
    if (this.#flows.some(({ state }) => state === 'unregistering')) return { kind: 'unregistering' };
    if (this.#flows.some(({ state }) => state === 'registering')) return { kind: 'registering' };
    const failed =
      this.#flows.find(({ state }) => state === 'waiting') ?? this.#flows.find(({ state }) => state === 'failed');
    if (failed?.failure === undefined) return { kind: 'unregistered' };
    return { kind: 'failed', failure: failed.failure, retryAt: failed.retryAt };
  }

  #isOver(): boolean {
    return this.#flows.every(({ state }) => state === 'terminated' || state === 'initial');
  }

  #standing(): RegistrationFlow | undefined {
    return this.#flows.find(({ flow }) => flow !== undefined);
  }

  #flowOn(flow: Flow): RegistrationFlow | undefined {
    return this.#flows.find((each) => each.flow === flow);
  }
}

/** A version 4 UUID as a URN (RFC 9562 5.4). */
function randomUrn(bytes: Uint8Array): string {
  const octets = Array.from(bytes, (byte, index) => {
    if (index === 6) return (byte & 0x0f) | 0x40;
    return index === 8 ? (byte & 0x3f) | 0x80 : byte;
  });
  const digits = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('');
  const groups = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return `urn:uuid:${groups.join('-')}`;
}
