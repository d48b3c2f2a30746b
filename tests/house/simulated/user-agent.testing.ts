import { UserAgent } from '@switchhook/sip';
import type {
  Capability,
  Dialog,
  DialogEnd,
  DialogSet,
  DialogUsage,
  NewRequest,
  PeerIdentity,
  RequestFailure,
  ServerTransaction,
  SipRequest,
  SipResponse,
  TransportProtocol,
  UserAgentCore,
  UserAgentOptions,
} from '@switchhook/sip';
import { simulatedContext } from '@switchhook/sim';
import type { Nat } from '@switchhook/sim';
import type { Inhabitant, Town } from './town.testing.ts';

export interface ResidentOptions extends Partial<Omit<UserAgentOptions, 'transports' | 'resolver'>> {
  /** Its IP address. */
  readonly at: string;
  readonly protocols?: readonly TransportProtocol[];
  readonly identity?: PeerIdentity;
  readonly nat?: Nat;
}

/** A user agent in a town. */
export class Resident implements Inhabitant {
  readonly name: string;
  readonly agent: UserAgent;

  constructor(town: Town, name: string, { at, protocols = ['UDP'], identity, nat, ...options }: ResidentOptions) {
    this.name = name;
    const host = town.network.host(name, [at], nat);
    this.agent = new UserAgent(simulatedContext(`${name} ${String(town.seed)}`, town.clock), {
      address: `<sip:${name}@example.com>`,
      transports: protocols.map((protocol) => host.transport(protocol, identity === undefined ? {} : { identity })),
      resolver: town,
      ...options,
    });
  }

  start(): Promise<void> {
    return this.agent.start();
  }

  stop(): Promise<void> {
    return this.agent.stop();
  }

  leftOvers(): readonly string[] {
    return Object.entries(this.agent.stats())
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${String(count)} ${what}`);
  }
}

/** What became of one request. */
export class Told {
  readonly responses: SipResponse[] = [];
  readonly failures: RequestFailure[] = [];
  ends = 0;
  cancel: () => void = () => undefined;

  get statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  response(response: SipResponse): void {
    this.responses.push(response);
  }

  failed(failure: RequestFailure): void {
    this.failures.push(failure);
  }

  ended(): void {
    this.ends += 1;
  }
}

export function ask(agent: UserAgent, request: NewRequest): Told {
  const told = new Told();
  const outgoing = agent.request(request, told);
  told.cancel = () => {
    outgoing.cancel();
  };
  return told;
}

/** The least of calls, of both roles: answers at once with the statuses that it is told; no media. */
export class PlainCalls implements Capability {
  readonly name = 'calls';
  readonly methods = ['INVITE', 'BYE', 'INFO'];
  readonly accepts = ['application/sdp'];
  /** Those that came, and those that were made. */
  readonly calls: PlainCall[] = [];
  readonly outcomes: Told[] = [];
  /** INVITEs that came. */
  readonly invites: ServerTransaction[] = [];
  statuses: readonly number[];
  readonly #core: UserAgentCore;

  constructor(core: UserAgentCore, statuses: readonly number[] = [180, 200]) {
    this.#core = core;
    this.statuses = statuses;
    core.install(this);
  }

  call(request: Omit<NewRequest, 'method'>): DialogSet {
    const told = new Told();
    this.outcomes.push(told);
    const acknowledge = new Map<Dialog, () => void>();
    return this.#core.requestDialogs(
      { ...request, method: 'INVITE' },
      {
        response: (response, set) => {
          told.response(response);
          const dialog = set.dialogOf(response);
          if (dialog === undefined) return;
          if (!this.calls.some((call) => call.dialog === dialog)) this.calls.push(new PlainCall(dialog));
          if (response.status < 200 || response.status >= 300 || set.request === undefined) return;
          const repeat = acknowledge.get(dialog);
          if (repeat !== undefined) repeat();
          else {
            const ack = dialog.acknowledge(set.request);
            acknowledge.set(dialog, () => {
              ack.repeat();
            });
          }
        },
        failed: (failure) => {
          told.failed(failure);
        },
        ended: () => {
          told.ended();
        },
      },
    );
  }

  request(transaction: ServerTransaction): boolean {
    if (transaction.request.method !== 'INVITE') return false;
    this.invites.push(transaction);
    const dialog = this.#core.acceptDialog(transaction);
    if ('offset' in dialog) {
      transaction.refuse(dialog.status, { reason: dialog.reason });
      return true;
    }
    const call = new PlainCall(dialog);
    call.invite = transaction;
    this.calls.push(call);
    for (const status of this.statuses) call.answer(status, this.#core);
    return true;
  }

  cancel(transaction: ServerTransaction): void {
    this.calls.find(({ invite }) => invite === transaction)?.answer(487, this.#core);
  }
}

export class PlainCall implements DialogUsage {
  readonly kind = 'invite';
  readonly dialog: Dialog;
  readonly acks: SipRequest[] = [];
  readonly requests: SipRequest[] = [];
  readonly ends: DialogEnd['kind'][] = [];
  invite: ServerTransaction | undefined = undefined;

  constructor(dialog: Dialog) {
    this.dialog = dialog;
    dialog.addUsage(this);
  }

  /** A 2xx is repeated until its ACK comes (RFC 3261 13.3.1.4). */
  answer(status: number, core: UserAgentCore): void {
    const transaction = this.invite;
    if (transaction === undefined) return;
    const response = this.dialog.respond(transaction, status);
    const repeat = (interval: number): void => {
      core.context.clock.after(interval, () => {
        if (this.acks.length > 0 || transaction.state === 'terminated') return;
        transaction.respond(response);
        repeat(Math.min(2 * interval, 4_000));
      });
    };
    if (status >= 200 && status < 300) repeat(500);
  }

  hangUp(): Told {
    const told = new Told();
    const { dialog } = this;
    dialog.send('BYE', told);
    dialog.removeUsage(this);
    return told;
  }

  request(transaction: ServerTransaction): boolean {
    this.requests.push(transaction.request);
    this.dialog.respond(transaction, 200);
    if (transaction.request.method === 'BYE') this.dialog.removeUsage(this);
    return true;
  }

  ack(request: SipRequest): void {
    this.acks.push(request);
  }

  dialogEnded({ kind }: DialogEnd): void {
    this.ends.push(kind);
  }
}
