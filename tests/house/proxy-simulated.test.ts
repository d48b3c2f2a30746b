import { afterEach, describe, expect, test } from 'vitest';
import {
  NameAddr,
  parseMessage,
  Proxy,
  SipRequest,
  SipResponse,
  SipUri,
  TransactionLayer,
  TransportLayer,
} from '@switchhook/sip';
import type {
  CallPlan,
  ClientTransaction,
  ClientTransactionUser,
  Flow,
  HeaderInit,
  ServerTransaction,
  SipContext,
  Target,
  TransactionUser,
  TransportProtocol,
} from '@switchhook/sip';
import { simulatedContext, SimulatedNetwork, VirtualClock } from '@switchhook/sim';
import type { NetworkOptions, SimulatedHost } from '@switchhook/sim';

function sip(text: string): SipUri {
  const uri = SipUri.parse(text);
  if (!(uri instanceof SipUri)) throw new Error(text);
  return uri;
}

/** A phone with no more sense than a test gives it. */
class Phone implements TransactionUser, ClientTransactionUser {
  readonly transports: TransportLayer;
  readonly transactions: TransactionLayer;
  /** Statuses of the responses that came, and methods of the requests. */
  readonly heard: string[] = [];
  readonly responses: SipResponse[] = [];
  /** What it does with an INVITE; nothing, to begin with. */
  onInvite: (transaction: ServerTransaction) => void = () => undefined;
  readonly #address: string;
  readonly #protocol: TransportProtocol;
  readonly #name: string;

  constructor(context: SipContext, host: SimulatedHost, address: string, protocol: TransportProtocol) {
    this.#name = host.name;
    this.#address = address;
    this.#protocol = protocol;
    const listening = protocol === 'UDP';
    this.transports = new TransportLayer(context, { transports: [host.transport(protocol, { listening })] });
    this.transactions = new TransactionLayer(context, this.transports);
  }

  get contact(): string {
    return `<sip:${this.#name}@${this.#address}${this.#protocol === 'TCP' ? ';transport=tcp' : ''}>`;
  }

  /** Sends a request; what comes of it is in `heard`. A Via of somebody behind the phone makes it complete. */
  send(
    method: string,
    uri: string,
    cseq: number,
    toTag: string,
    more: readonly HeaderInit[] = [],
  ): ClientTransaction | undefined {
    const request = this.#request(method, uri, cseq, toTag, 'SIP/2.0/UDP behind.invalid;branch=z9hG4bKb', more);
    if (method !== 'ACK') return this.transactions.request(request, this.#exchange(), this);
    this.transactions.send(request, this.#exchange());
    return undefined;
  }

  /** Sends a request as the first hop and without a transaction: its responses come as strays. */
  sendOnce(method: string, uri: string, cseq: number, toTag: string, more: readonly HeaderInit[] = []): void {
    const flow = this.#exchange();
    const via = `SIP/2.0/${flow.protocol} ${flow.sentBy};branch=z9hG4bK${method}${String(cseq)}`;
    flow.send(this.#request(method, uri, cseq, toTag, via, more).text);
  }

  #exchange(): Flow {
    const flow = this.transports.flowTo({ protocol: this.#protocol, address: '192.0.2.1', port: 5060 });
    if ('send' in flow) return flow;
    throw new Error(flow.message);
  }

  #request(
    method: string,
    requestUri: string,
    cseq: number,
    toTag: string,
    via: string,
    more: readonly HeaderInit[],
  ): SipRequest {
    return SipRequest.create({
      method,
      requestUri,
      headers: [
        ['Via', via],
        ['Max-Forwards', '70'],
        ['From', `<sip:${this.#name}@example.com>;tag=${this.#name}`],
        ['To', `<sip:bob@example.com>${toTag}`],
        ['Call-ID', 'call@example.com'],
        ['CSeq', `${String(cseq)} ${method}`],
        ['Contact', this.contact],
        ...more,
      ],
    });
  }

  answer(transaction: ServerTransaction, status: number): void {
    const headers: HeaderInit[] = [['Contact', this.contact]];
    transaction.respond(
      transaction.request.createResponse(status, { toTag: this.#name, headers, recordRoute: status < 300 }),
    );
  }

  request(transaction: ServerTransaction): void {
    this.heard.push(transaction.request.method);
    if (transaction.request.method === 'INVITE') this.onInvite(transaction);
    else this.answer(transaction, 200);
  }

  cancel(transaction: ServerTransaction, cancel: SipRequest): void {
    this.heard.push(`CANCEL ${cancel.raw('Reason') ?? ''}`.trim());
    this.answer(transaction, 487);
  }

  ack(): void {
    this.heard.push('ACK');
  }

  strayResponse(response: SipResponse): void {
    this.response(response);
  }

  response(response: SipResponse): void {
    this.heard.push(String(response.status));
    this.responses.push(response);
  }

  failed(error: { readonly code: string }): void {
    this.heard.push(error.code);
  }
}

/** An exchange at 192.0.2.1, and phones around it. */
class Town {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly transports: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly proxy: Proxy;
  readonly phones: Phone[] = [];
  readonly #seed: number;

  constructor(plan: (request: SipRequest, flow: Flow) => CallPlan, options: NetworkOptions = {}, seed = 1) {
    this.#seed = seed;
    const context = simulatedContext(seed, this.clock);
    this.network = new SimulatedNetwork(this.clock, context.random, options);
    const host = this.network.host('exchange', ['192.0.2.1']);
    this.transports = new TransportLayer(context, { transports: [host.transport('UDP'), host.transport('TCP')] });
    this.transactions = new TransactionLayer(context, this.transports);
    this.proxy = new Proxy(
      context,
      this.transactions,
      this.transports,
      {
        resolve: (uri) => [
          { protocol: uri.transport === 'tcp' ? 'TCP' : 'UDP', address: uri.host, port: uri.port ?? 5060 },
        ],
      },
      { plan, isOurDomain: (name) => name === 'example.com' },
    );
  }

  async start(): Promise<void> {
    await this.transactions.start(this.proxy);
  }

  async phone(name: string, address: string, protocol: TransportProtocol = 'UDP'): Promise<Phone> {
    const context = simulatedContext(`${name} ${String(this.#seed)}`, this.clock);
    const phone = new Phone(context, this.network.host(name, [address]), address, protocol);
    this.phones.push(phone);
    await phone.transactions.start(phone);
    return phone;
  }

  /** Who said what to whom. */
  ladder(): string[] {
    const lines = this.network.trace.entries.map(({ from, to, text }) => {
      const message = parseMessage(text);
      const what =
        message instanceof SipRequest
          ? message.method
          : message instanceof SipResponse
            ? `${String(message.status)} ${message.cseqMethod}`
            : '?';
      return `${from.host} > ${to.host} ${what}`;
    });
    return lines;
  }

  /** All that the exchange must have let go of. */
  leftOvers(): number[] {
    const { clientTransactions, serverTransactions, timers, watchedFlows } = this.transactions.stats();
    const { requests, timers: timersC } = this.proxy.stats();
    return [requests, clientTransactions, serverTransactions, timers + timersC, watchedFlows];
  }

  async stop(): Promise<void> {
    await this.transactions.stop();
    for (const phone of this.phones) await phone.transactions.stop();
  }
}

const towns: Town[] = [];

async function town(...parts: ConstructorParameters<typeof Town>): Promise<Town> {
  const made = new Town(...parts);
  towns.push(made);
  await made.start();
  return made;
}

function ringing(...targets: readonly Target[]): () => CallPlan {
  return () => ({ kind: 'ring', stages: [{ targets }] });
}

/** The route set of the caller (RFC 3261 12.1.2). */
function routeSet(response: SipResponse): HeaderInit[] {
  return response
    .rawAll('Record-Route')
    .toReversed()
    .map((value) => ['Route', value]);
}

function contactOf(response: SipResponse): string {
  const contact = NameAddr.parse(response.raw('Contact') ?? '');
  return contact instanceof NameAddr ? contact.uri.toString() : '';
}

const bobsAddress = '192.0.2.20';
const bobTarget: Target = { uri: sip(`sip:bob@${bobsAddress}`) };

describe('calls through the proxy', () => {
  afterEach(async () => {
    for (const each of towns.splice(0)) {
      await each.stop();
      expect(each.leftOvers()).toEqual([0, 0, 0, 0, 0]);
    }
  });

  test('RFC 3665 3.2: a session, record-routed', async () => {
    const here = await town(ringing(bobTarget));
    const alice = await here.phone('alice', '192.0.2.10');
    const bob = await here.phone('bob', bobsAddress);
    bob.onInvite = (transaction) => {
      bob.answer(transaction, 180);
      here.clock.after(2000, () => bob.answer(transaction, 200));
    };
    alice.send('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(3000);
    const [answer] = alice.responses.slice(-1);
    if (answer === undefined) throw new Error('no answer');
    alice.send('ACK', contactOf(answer), 1, ';tag=bob', routeSet(answer));
    await here.clock.play(1000);
    alice.send('BYE', contactOf(answer), 2, ';tag=bob', routeSet(answer));
    await here.clock.play(1000);
    expect(here.ladder()).toEqual([
      'alice > exchange INVITE',
      'exchange > alice 100 INVITE',
      'exchange > bob INVITE',
      'bob > exchange 180 INVITE',
      'exchange > alice 180 INVITE',
      'bob > exchange 200 INVITE',
      'exchange > alice 200 INVITE',
      'alice > exchange ACK',
      'exchange > bob ACK',
      'alice > exchange BYE',
      'exchange > bob BYE',
      'bob > exchange 200 BYE',
      'exchange > alice 200 BYE',
    ]);
    await here.clock.play(40_000);
    expect(here.leftOvers()).toEqual([0, 0, 0, 0, 0]);
  });

  test('RFC 3665 3.8: nobody answers, and the caller gives up', async () => {
    const here = await town(ringing(bobTarget));
    const alice = await here.phone('alice', '192.0.2.10');
    const bob = await here.phone('bob', bobsAddress);
    bob.onInvite = (transaction) => bob.answer(transaction, 180);
    const call = alice.send('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(5000);
    call?.cancel([['Reason', 'SIP;cause=200']]);
    await here.clock.play(1000);
    expect(alice.heard).toEqual(['100', '180', '487']);
    expect(bob.heard).toEqual(['INVITE', 'CANCEL SIP;cause=200']);
    await here.clock.play(70_000);
    expect(here.leftOvers()).toEqual([0, 0, 0, 0, 0]);
  });

  test('RFC 3665 3.9: busy', async () => {
    const here = await town(ringing(bobTarget));
    const alice = await here.phone('alice', '192.0.2.10');
    const bob = await here.phone('bob', bobsAddress);
    bob.onInvite = (transaction) => bob.answer(transaction, 486);
    alice.send('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(70_000);
    expect(alice.heard).toEqual(['100', '486']);
    expect(here.leftOvers()).toEqual([0, 0, 0, 0, 0]);
  });

  test('RFC 3665 3.10: no response at all', async () => {
    const here = await town(ringing(bobTarget));
    const alice = await here.phone('alice', '192.0.2.10');
    alice.send('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(31_900);
    expect(alice.heard).toEqual(['100']);
    await here.clock.play(200);
    expect(alice.heard).toEqual(['100', '408']);
  });

  test('two phones: the one that answers second is told to stop, and why', async () => {
    const here = await town(ringing(bobTarget, { uri: sip('sip:desk@192.0.2.21') }));
    const alice = await here.phone('alice', '192.0.2.10');
    const bob = await here.phone('bob', bobsAddress);
    const desk = await here.phone('desk', '192.0.2.21');
    for (const phone of [bob, desk]) phone.onInvite = (transaction) => phone.answer(transaction, 180);
    desk.onInvite = (transaction) => here.clock.after(1000, () => desk.answer(transaction, 200));
    alice.send('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(2000);
    expect(alice.heard).toEqual(['100', '180', '200']);
    expect(bob.heard).toEqual(['INVITE', 'CANCEL SIP;cause=200;text="Call completed elsewhere"']);
  });

  test('TCP to UDP: both sides reach each other through two Record-Route values (RFC 5658)', async () => {
    const here = await town(ringing(bobTarget));
    const alice = await here.phone('alice', '192.0.2.10', 'TCP');
    const bob = await here.phone('bob', bobsAddress);
    let invite: SipRequest | undefined;
    bob.onInvite = (transaction) => {
      invite = transaction.request;
      bob.answer(transaction, 200);
    };
    alice.sendOnce('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(1000);
    const [answer] = alice.responses.slice(-1);
    if (answer === undefined || invite === undefined) throw new Error('no call');
    alice.sendOnce('ACK', contactOf(answer), 1, ';tag=bob', routeSet(answer));
    const routes: HeaderInit[] = invite.rawAll('Record-Route').map((value) => ['Route', value]);
    expect(routes).toHaveLength(2);
    bob.send('BYE', 'sip:alice@192.0.2.10;transport=tcp', 1, ';tag=alice', routes);
    await here.clock.play(1000);
    expect(bob.heard).toEqual(['INVITE', 'ACK', '200']);
    expect(alice.heard).toEqual(['100', '200', 'BYE']);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('a network that loses, doubles and reorders, seed %i', async (seed) => {
    const link = { delay: 20, jitter: 30, loss: 0.2, duplication: 0.1, reordering: 0.1 };
    const here = await town(ringing(bobTarget, { uri: sip('sip:desk@192.0.2.21') }), { link }, seed);
    const alice = await here.phone('alice', '192.0.2.10');
    const bob = await here.phone('bob', bobsAddress);
    const desk = await here.phone('desk', '192.0.2.21');
    // A 2xx is said again until the ACK is there (RFC 3261 13.3.1.4), and goes through each time.
    bob.onInvite = (transaction) => {
      const status = seed % 2 === 0 ? 200 : 486;
      const times = status === 200 ? 10 : 1;
      for (let time = 0; time < times; time += 1) {
        here.clock.after(500 + 1000 * time, () => bob.answer(transaction, status));
      }
    };
    desk.onInvite = (transaction) => {
      desk.answer(transaction, 180);
      here.clock.after(3000, () => transaction.finalSent || desk.answer(transaction, 404));
    };
    alice.send('INVITE', 'sip:bob@example.com', 1, '');
    await here.clock.play(200_000);
    const finals = new Set(alice.heard.filter((each) => Number(each) >= 200 || Number.isNaN(Number(each))));
    expect([...finals]).toEqual([seed % 2 === 0 ? '200' : '486']);
    expect(here.leftOvers()).toEqual([0, 0, 0, 0, 0]);
  });
});
