import {
  type Destination,
  type HeaderInit,
  messageSummary,
  type MessageSummary,
  Notifier,
  type NotifierOptions,
  printMessageSummary,
  registrationEvent,
  type ServerTransaction,
  type SipContext,
  SipRequest,
  type SipResponse,
  type SipUri,
  Subscriber,
  type SubscribeOptions,
  type Subscription,
  TransactionLayer,
  TransportLayer,
  UserAgent,
} from '@switchhook/sip';
import { simulatedContext, type SimulatedContext } from './context.ts';
import type { LinkQuality } from './link.ts';
import { type SimulatedHost, SimulatedNetwork } from './network.ts';
import { VirtualClock } from './virtual-clock.ts';

const ignore = (): void => undefined;

/** Every host is its address. */
const resolver = {
  resolve: ({ host, port = 5060 }: SipUri): Destination[] => [{ protocol: 'UDP', address: host, port }],
};

export const mailbox = 'alice';

/** A mailbox with so many new messages. */
export function voiceMail(newMessages: number): MessageSummary {
  return {
    messagesWaiting: newMessages > 0,
    account: undefined,
    counts: [{ contextClass: 'voice-message', newMessages, oldMessages: 0, urgent: undefined }],
    messages: [],
  };
}

/** The body that says so. */
export function printed(newMessages: number): string {
  return printMessageSummary(voiceMail(newMessages));
}

/** How many new messages a mailbox has. */
function newMessages(summary: MessageSummary | undefined): number | undefined {
  return summary?.counts[0]?.newMessages;
}

/** A network with a phone on it; who else is there, the test says. */
export class Scene {
  readonly clock = new VirtualClock();
  readonly context: SimulatedContext;
  readonly network: SimulatedNetwork;
  readonly phone: UserAgent;
  readonly subscriber: Subscriber;
  readonly #seed: string;

  private constructor(seed: string, link: Partial<LinkQuality>) {
    this.#seed = seed;
    this.context = simulatedContext(seed, this.clock);
    this.network = new SimulatedNetwork(this.clock, this.context.random, { link: { delay: 10, ...link } });
    this.phone = this.#userAgent('alice', '192.0.2.1');
    this.subscriber = new Subscriber(this.phone, [messageSummary, registrationEvent]);
    this.phone.install(this.subscriber);
  }

  static async started(seed: string, link: Partial<LinkQuality> = {}): Promise<Scene> {
    const scene = new Scene(seed, link);
    await scene.phone.start();
    return scene;
  }

  /** Subscribes to the mailbox, wherever a request for bob goes. */
  subscribe(options: Partial<SubscribeOptions<MessageSummary>> = {}, isRead = true): Watch {
    const watch = new Watch(
      this.subscriber.subscribe({ package: messageSummary, target: 'sip:bob@192.0.2.2', ...options }),
    );
    if (isRead) watch.read();
    return watch;
  }

  /** A user agent that tells of mailboxes. */
  async mailServer(options: Partial<NotifierOptions<MessageSummary>> = {}): Promise<MailServer> {
    const userAgent = this.#userAgent('bob', '192.0.2.2');
    const notifier = new Notifier(userAgent, {
      package: messageSummary,
      authorize: () => ({ kind: 'accept', resource: mailbox }),
      ...options,
    });
    userAgent.install(notifier);
    await userAgent.start();
    return { userAgent, notifier };
  }

  /** Somebody who says what the test tells him. */
  async peer(name = 'bob', address = '192.0.2.2'): Promise<Peer> {
    const peer = new Peer(
      simulatedContext(`${this.#seed} ${name}`, this.clock),
      this.network.host(name, [address]),
      address,
    );
    await peer.start();
    return peer;
  }

  async stop(): Promise<void> {
    await this.phone.stop();
  }

  #userAgent(name: string, address: string): UserAgent {
    return new UserAgent(simulatedContext(`${this.#seed} ${name}`, this.clock), {
      address: `<sip:${name}@${address}>`,
      transports: [this.network.host(name, [address]).transport('UDP')],
      resolver,
    });
  }
}

export interface MailServer {
  readonly userAgent: UserAgent;
  readonly notifier: Notifier<MessageSummary>;
}

/** Reads a subscription as it goes. */
export class Watch {
  readonly subscription: Subscription<MessageSummary>;
  readonly counts: (number | undefined)[] = [];
  end: string | undefined = undefined;

  constructor(subscription: Subscription<MessageSummary>) {
    this.subscription = subscription;
    void subscription.ended.then((end) => (this.end = endText(end)));
  }

  read(): void {
    void this.#read();
  }

  async #read(): Promise<void> {
    for await (const summary of this.subscription) this.counts.push(newMessages(summary));
  }
}

function endText(end: Awaited<Subscription<unknown>['ended']>): string {
  if (end.kind === 'refused') return `refused ${String(end.status)}`;
  if (end.kind === 'terminated') return `terminated ${end.reason}`;
  return end.kind === 'failed' ? `failed ${end.failure.code}` : end.kind;
}

export interface NotifyParts {
  readonly state?: string | undefined;
  readonly body?: string;
  readonly contentType?: string;
  readonly event?: string;
  /** Another notifier: another branch of the fork. */
  readonly tag?: string;
  readonly contact?: boolean;
  readonly headers?: readonly HeaderInit[];
  readonly cseq?: number;
}

/** A notifier or a subscriber of which every message is written by hand. */
export class Peer {
  readonly requests: ServerTransaction[] = [];
  /** The responses to its own requests. */
  readonly responses: SipResponse[] = [];
  readonly failures: string[] = [];
  /** Answers what comes, when it is set. */
  answer: ((transaction: ServerTransaction) => void) | undefined = undefined;
  readonly #context: SipContext;
  readonly #address: string;
  readonly #transports: TransportLayer;
  readonly #transactions: TransactionLayer;
  #cseq = 0;

  constructor(context: SipContext, host: SimulatedHost, address: string) {
    this.#context = context;
    this.#address = address;
    this.#transports = new TransportLayer(context, { transports: [host.transport('UDP')] });
    this.#transactions = new TransactionLayer(context, this.#transports);
  }

  async start(): Promise<void> {
    await this.#transactions.start({
      request: (transaction) => {
        this.requests.push(transaction);
        this.answer?.(transaction);
      },
      cancel: ignore,
      ack: ignore,
      strayResponse: ignore,
    });
  }

  /** The last request that came. */
  get request(): ServerTransaction {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('nothing has come');
    return last;
  }

  get statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  /** Answers a SUBSCRIBE. */
  respond(status: number, headers: readonly HeaderInit[] = [], transaction = this.request, toTag = 'bob'): void {
    const contact: HeaderInit[] = status < 300 ? [['Contact', `<sip:bob@${this.#address}>`]] : [];
    transaction.respond(transaction.request.createResponse(status, { toTag, headers: [...contact, ...headers] }));
  }

  /** Sends a NOTIFY in the dialog of a SUBSCRIBE. */
  notify(parts: NotifyParts = {}, subscribe: SipRequest = this.request.request): void {
    const { state = 'active;expires=3600', body = '', contentType = messageSummary.contentType } = parts;
    const to = subscribe.raw('From') ?? '';
    const from = parts.tag ?? subscribe.toTag ?? 'bob';
    this.#cseq = (parts.cseq ?? this.#cseq + 1) - 1;
    this.send(
      'NOTIFY',
      [
        ['From', `<sip:bob@192.0.2.2>;tag=${from}`],
        ['To', to],
        ['Call-ID', subscribe.callId],
        ...(parts.contact === false ? [] : [['Contact', `<sip:bob@${this.#address}>`] as const]),
        ['Event', parts.event ?? subscribe.raw('Event') ?? ''],
        ...(parts.headers ?? []),
        ...(state === '' ? [] : [['Subscription-State', state] as const]),
        ...(body === '' ? [] : [['Content-Type', contentType] as const]),
      ],
      body,
    );
  }

  /** Subscribes to the mailbox; within a dialog when `to` has its tag. */
  subscribe(
    headers: readonly HeaderInit[],
    { to = '<sip:bob@192.0.2.2>', callId = 'call-1', from = 'carol', contact = true } = {},
  ): void {
    this.send('SUBSCRIBE', [
      ['From', `<sip:${from}@192.0.2.3>;tag=carol`],
      ['To', to],
      ['Call-ID', callId],
      ...(contact ? [['Contact', `<sip:carol@${this.#address}>`] as const] : []),
      ...headers,
    ]);
  }

  send(method: string, headers: readonly HeaderInit[], body = ''): void {
    this.#cseq += 1;
    const isNotify = method === 'NOTIFY';
    const destination = { protocol: 'UDP' as const, address: isNotify ? '192.0.2.1' : '192.0.2.2', port: 5060 };
    const flow = this.#transports.flowTo(destination);
    if ('code' in flow) throw new Error(flow.message);
    const request = SipRequest.create({
      method,
      requestUri: isNotify ? 'sip:alice@192.0.2.1' : 'sip:bob@192.0.2.2',
      headers: [['Max-Forwards', '70'], ['CSeq', `${String(this.#cseq)} ${method}`], ...headers],
      body,
    });
    this.#transactions.request(request, flow, {
      response: (response) => {
        if (response.status >= 200) this.responses.push(response);
      },
      failed: ({ code }) => {
        this.failures.push(code);
      },
    });
  }

  async stop(): Promise<void> {
    await this.#transactions.stop();
  }

  get context(): SipContext {
    return this.#context;
  }
}
