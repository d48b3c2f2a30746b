/** The examples of docs/library.md run, and every page quotes its examples as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { systemContext, UdpTransport } from '@switchhook/node';
import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import type { SimulatedContext } from '@switchhook/sim';
import { DigestClient, SipRequest, SipUri, TransactionLayer, TransportLayer, UserAgent } from '@switchhook/sip';
import type { Destination, HeaderInit, MediaEngine, Resolver, ServerTransaction, SipResponse } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { askOptions } from '../../docs/examples/ask-options.ts';
import { Telephone } from '../../docs/examples/call-and-answer.ts';
import { callerOf, retargeted } from '../../docs/examples/edit-message.ts';
import { answerOptionsOverUdp } from '../../docs/examples/over-udp.ts';
import { playTone, startEngine } from '../../docs/examples/play-tone.ts';
import { startProxy } from '../../docs/examples/proxy.ts';
import { startRegistrar } from '../../docs/examples/registrar.ts';
import { askOverLossyNetwork } from '../../docs/examples/simulation.ts';
import { serveMailboxes } from '../../docs/examples/voice-mail.ts';
import { watchMailbox } from '../../docs/examples/watch-mailbox.ts';
import { watchTelephones } from '../../docs/examples/watch-telephones.ts';
import { Pager } from '../../docs/examples/user-agent.ts';
import { nothingLeft, ServersStage } from '../../packages/exchange/src/servers/servers-stage.testing.ts';
import { SimulatedExchange } from './simulated/exchange.testing.ts';
import { Town } from './simulated/town.testing.ts';

const docs = join(import.meta.dirname, '../../docs');
const ignore = (): void => undefined;
const server: Destination = { protocol: 'UDP', address: '192.0.2.1', port: 5060 };

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

/** A phone on the simulated network that answers every request with the status, and asks the server. */
class Phone {
  readonly asked: string[] = [];
  readonly #context: SimulatedContext;
  readonly #transports: TransportLayer;
  readonly #transactions: TransactionLayer;
  readonly #digest: DigestClient;
  #cseq = 0;

  constructor(context: SimulatedContext, network: SimulatedNetwork, name: string, address: string) {
    this.#context = context;
    this.#transports = new TransportLayer(context, { transports: [network.host(name, [address]).transport('UDP')] });
    this.#transactions = new TransactionLayer(context, this.#transports);
    this.#digest = new DigestClient(context, () => ({ username: name, password: `${name}-secret` }));
  }

  async start(status: number): Promise<void> {
    await this.#transactions.start({
      request: (transaction: ServerTransaction) => {
        this.asked.push(transaction.request.method);
        transaction.respond(transaction.request.createResponse(status, { toTag: 'phone' }));
      },
      cancel: ignore,
      ack: ignore,
      strayResponse: ignore,
    });
    stops.push(() => this.#transactions.stop());
  }

  /** Sends a request of its own making, and again with credentials when it is asked for them. */
  async send(method: string, uri: string, headers: readonly HeaderInit[]): Promise<SipResponse> {
    this.#cseq += 1;
    const request = SipRequest.create({
      method,
      requestUri: uri,
      headers: [
        ['From', '<sip:alice@example.com>;tag=a'],
        ['To', '<sip:alice@example.com>'],
        ['Call-ID', `call-${method}`],
        ['CSeq', `${this.#cseq} ${method}`],
        ['Max-Forwards', '70'],
        ...headers,
      ],
    });
    const response = await this.#exchange(request);
    const answer = response.status === 401 ? this.#digest.answer(request, response) : undefined;
    return answer instanceof SipRequest ? this.#exchange(answer) : response;
  }

  async #exchange(request: SipRequest): Promise<SipResponse> {
    const flow = this.#transports.flowTo(server);
    if ('code' in flow) throw new Error(flow.message);
    const { promise, resolve, reject } = Promise.withResolvers<SipResponse>();
    this.#transactions.request(request, flow, {
      response: (response) => response.status >= 200 && resolve(response),
      failed: ({ message }) => reject(new Error(message)),
    });
    await this.#context.clock.play(40_000);
    return promise;
  }
}

describe('the pages of docs', () => {
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
  const text = pages.map((name) => readFileSync(join(docs, name), 'utf8')).join('\n');
  const files = readdirSync(join(docs, 'examples'));

  test.each(files)('quote %s word for word', (file) => {
    const example = readFileSync(join(docs, 'examples', file), 'utf8');
    const language = extname(file).slice(1);
    expect(text).toContain(`[${file}](examples/${file})\n\n\`\`\`${language}\n${example}\`\`\`\n`);
  });

  test('quote nothing else', () => {
    const programs = files.filter((file) => extname(file) === '.ts');
    expect(text.match(/^```ts$/gm)).toHaveLength(programs.length);
  });
});

test('edit-message.ts', () => {
  const invite = [
    'INVITE sip:bob@example.com SIP/2.0',
    'v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: "Zo\xc3\xab" <sip:zoe@example.com>;tag=1',
    'To:  <sip:bob@example.com>',
    'i: call',
    'CSeq: 1   INVITE',
    'm: <sip:zoe@192.0.2.1>',
    'X-Odd:  kept,as  it came',
    'l: 0',
    '\r\n',
  ].join('\r\n');
  expect(callerOf(invite)).toBe('Zoë');
  expect(callerOf(invite.replace('"Zo\xc3\xab"', ''))).toBe('sip:zoe@example.com');
  expect(callerOf('no message')).toBeUndefined();
  expect(retargeted(invite, 'sip:bob@192.0.2.9', 'sip:here@192.0.2.5')).toBe(
    invite
      .replace('INVITE sip:bob@example.com', 'INVITE sip:bob@192.0.2.9')
      .replace('m: <sip:zoe@192.0.2.1>', 'Contact: <sip:here@192.0.2.5>'),
  );
});

test('answer-options.ts, over-udp.ts and ask-options.ts, over real sockets', async () => {
  const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
  const port = await freePort();
  const answering = await answerOptionsOverUdp(port);
  stops.push(() => answering.stop());
  const asking = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  const uri = `sip:127.0.0.1:${port}`;
  expect(await askOptions(context, asking, uri, { protocol: 'UDP', address: '127.0.0.1', port })).toBe(200);
  expect(answering.stats().serverTransactions).toBe(1);
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
  const probe = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  const layer = new TransportLayer(context, { transports: [probe] });
  await layer.start({ request: ignore, response: ignore });
  const port = probe.local?.port ?? 0;
  await layer.stop();
  return port;
}

test('registrar.ts', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const passwords = new Map([['alice', 'alice-secret']]);
  const registrar = await startRegistrar(context, network.host('server', ['192.0.2.1']).transport('UDP'), passwords);
  stops.push(() => registrar.stop());
  const alice = new Phone(context, network, 'alice', '192.0.2.2');
  const mallory = new Phone(context, network, 'mallory', '192.0.2.3');
  await Promise.all([alice.start(200), mallory.start(200)]);
  const contact: HeaderInit[] = [['Contact', '<sip:alice@192.0.2.2>']];
  expect((await mallory.send('REGISTER', 'sip:example.com', contact)).status).toBe(401);
  expect(await registrar.location.bindings('sip:alice@example.com')).toEqual([]);
  const response = await alice.send('REGISTER', 'sip:example.com', contact);
  expect([response.status, response.raw('Contact')]).toEqual([200, '<sip:alice@192.0.2.2>;expires=3600']);
  expect(await registrar.location.bindings('sip:alice@example.com')).toMatchObject([
    { contact: 'sip:alice@192.0.2.2' },
  ]);
  expect((await alice.send('MESSAGE', 'sip:example.com', [])).status).toBe(405);
  expect((await alice.send('REGISTER', 'sip:elsewhere.example', contact)).status).toBe(404);
});

test('proxy.ts', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const [desk, mobile] = ['sip:bob@192.0.2.3', 'sip:bob@192.0.2.4'].map((text) => SipUri.parse(text));
  if (!(desk instanceof SipUri) || !(mobile instanceof SipUri)) throw new Error('no URI');
  const proxy = await startProxy(
    context,
    network.host('server', ['192.0.2.1']).transport('UDP'),
    { resolve: ({ host, port = 5060 }) => [{ protocol: 'UDP', address: host, port }] },
    new Map([['bob', [desk, mobile]]]),
  );
  stops.push(() => proxy.stop());
  const alice = new Phone(context, network, 'alice', '192.0.2.2');
  const deskPhone = new Phone(context, network, 'desk', '192.0.2.3');
  const mobilePhone = new Phone(context, network, 'mobile', '192.0.2.4');
  await Promise.all([alice.start(200), deskPhone.start(486), mobilePhone.start(200)]);
  expect((await alice.send('MESSAGE', 'sip:bob@example.com', [])).status).toBe(200);
  expect([deskPhone.asked, mobilePhone.asked]).toEqual([['MESSAGE'], ['MESSAGE']]);
  expect((await alice.send('MESSAGE', 'sip:nobody@example.com', [])).status).toBe(404);
  expect((await alice.send('MESSAGE', 'sip:bob@elsewhere.example', [])).status).toBe(403);
});

test('watch-mailbox.ts and voice-mail.ts', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const userAgent = (user: string, address: string): UserAgent =>
    new UserAgent(context, {
      address: `<sip:${user}@example.com>`,
      transports: [network.host(user, [address]).transport('UDP')],
      resolver: { resolve: ({ host, port = 5060 }) => [{ protocol: 'UDP', address: host, port }] },
    });
  const server = userAgent('mail', '192.0.2.1');
  const alice = userAgent('alice', '192.0.2.2');
  const mallory = userAgent('mallory', '192.0.2.3');
  await Promise.all([server.start(), alice.start(), mallory.start()]);
  stops.push(
    () => server.stop(),
    () => alice.stop(),
    () => mallory.stop(),
  );
  const mailboxes = serveMailboxes(server, new Set(['sip:alice@example.com']));
  const messages = (newMessages: number): void => {
    const counts = [{ contextClass: 'voice-message', newMessages, oldMessages: 0 }];
    mailboxes.publish('sip:alice@example.com', { messagesWaiting: newMessages > 0, counts, messages: [] });
  };
  const shown: number[] = [];
  const leave = new AbortController();
  messages(2);
  const watching = watchMailbox(alice, 'sip:mail@192.0.2.1', leave.signal, (count) => shown.push(count));
  const refused = watchMailbox(mallory, 'sip:mail@192.0.2.1', leave.signal, (count) => shown.push(count));
  await context.clock.play(2000);
  messages(3);
  await context.clock.play(2000);
  leave.abort();
  await context.clock.play(2000);
  expect(await watching).toBe('good bye');
  expect(await refused).toBe('there is no such mailbox');
  expect(shown).toEqual([2, 3]);
});

test('play-tone.ts', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const [alice, bob] = await Promise.all(
    [1, 2].map(async (number) => {
      const engine = await startEngine(context, network.host(`host ${number}`, [`192.0.2.${number}`]).ports());
      return { engine, ...playTone(context, engine) };
    }),
  );
  if (alice === undefined || bob === undefined) throw new Error('nobody');
  const answer = await bob.negotiation.createAnswer(await alice.negotiation.createOffer());
  if (typeof answer !== 'string') throw new Error(answer.reason);
  bob.negotiation.commit();
  await alice.negotiation.acceptAnswer(answer);
  const typed = alice.session.sendDigits('5');
  await context.clock.play(1_000);
  expect(await typed).toBe('sent');
  expect(bob.heard.take().rms).toBeGreaterThan(-20);
  expect(alice.heard.take().rms).toBeGreaterThan(-20);
  expect(bob.session.streams[0]?.agreed?.crypto).not.toBe(undefined);
  for (const { engine } of [alice, bob]) {
    engine.stop();
    expect(engine.stats()).toMatchObject({ streams: 0, paced: 0 });
  }
});

test('call-and-answer.ts', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const lines: string[] = [];
  const telephone = (name: string, address: string): Telephone => {
    const audio = { kind: 'audio' as const, security: 'none' as const, cryptoSuites: [], packetTime: 20 };
    const formats = [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }];
    const local = { address, port: 10_000, controlPort: 10_001 };
    const engine: MediaEngine = {
      capabilities: [{ ...audio, formats }],
      open: () => Promise.resolve({ local, crypto: [], apply: ignore, close: ignore }),
    };
    const transport = network.host(name, [address]).transport('UDP');
    const resolver: Resolver = { resolve: ({ host }) => [{ protocol: 'UDP', address: host, port: 5060 }] };
    const parts = { context, transport, resolver, engine, address: `<sip:${name}@${address}>` };
    return new Telephone(parts, (line) => lines.push(`${name}: ${line}`));
  };
  const [alice, bob] = [telephone('alice', '192.0.2.2'), telephone('bob', '192.0.2.3')];
  await alice.start();
  await bob.start();
  stops.push(
    () => alice.stop(),
    () => bob.stop(),
  );
  const bobs = SipUri.of({ scheme: 'sip', user: 'bob', host: '192.0.2.3' });
  const result = async <T>(promise: Promise<T>): Promise<T> => {
    await context.clock.play(1_000);
    return promise;
  };
  expect(await result(alice.call(bobs))).toBe('answered');
  expect(await result(bob.hold())).toBe(true);
  expect(await result(bob.resume())).toBe(true);
  await result(alice.hangUp());
  expect(lines.filter((line) => line.startsWith('alice'))).toEqual([
    'alice: talking',
    'alice: held by the other',
    'alice: talking',
    'alice: over: local',
  ]);
  expect(lines.at(-1)).toBe('bob: over: remote');
});

test('simulation.ts', async () => {
  expect(await askOverLossyNetwork(1, 0)).toEqual([
    '0 alice: OPTIONS sip:bob@192.0.2.2 SIP/2.0 (delivered)',
    '20 bob: SIP/2.0 200 OK (delivered)',
    '200',
  ]);
  const story = await askOverLossyNetwork(7, 0.5);
  expect(story.at(-1)).toBe('200');
  expect(story.some((line) => line.endsWith('(lost)'))).toBe(true);
  expect(await askOverLossyNetwork(7, 0.5)).toEqual(story);
  expect((await askOverLossyNetwork(1, 1)).at(-1)).toMatch(/^Error: /);
});

test('user-agent.ts, through an exchange', async () => {
  const town = new Town();
  town.names.set('example.com', ['192.0.2.1']);
  const users = ['alice', 'bob'];
  const exchange = new SimulatedExchange(town, { domain: 'example.com', addresses: ['192.0.2.1'], users });
  await town.moveIn(exchange);
  const shown: string[] = [];
  const states: string[] = [];
  const pagers = users.map((name, index) => {
    const transport = town.network.host(name, [`192.0.2.${String(index + 2)}`]).transport('UDP');
    const account = { name, domain: 'example.com', password: `${name}-secret` };
    return new Pager(simulatedContext(name, town.clock), transport, town, account, (line) => shown.push(line));
  });
  for (const pager of pagers) await pager.start(({ kind }) => states.push(kind));
  await town.clock.play(1_000);
  expect(states).toEqual(['registered', 'registered']);
  const outcomes = [pagers[0]?.write('sip:bob@example.com', 'Grüß Gott'), pagers[0]?.write('sip:eve@example.com', '?')];
  await town.clock.play(1_000);
  expect(await outcomes[0]).toBe('delivered');
  expect(await outcomes[1]).toBe('refused: Not Found');
  expect(shown).toEqual(['sip:alice@example.com: Grüß Gott']);
  const stopped = pagers.map((pager) => pager.stop());
  await town.clock.play(200_000);
  for (const each of stopped) await each;
  expect(exchange.location.bindings('sip:bob@example.com')).toEqual([]);
  await town.stop();
});

test('watch-telephones.ts', async () => {
  const stage = await ServersStage.set({});
  const alice = await stage.phone('alice');
  const shown: string[] = [];
  const leave = new AbortController();
  const watching = watchTelephones(alice.subscriber, alice.uri('alice'), leave.signal, (line) => shown.push(line));
  await stage.until(() => shown.length > 0);
  const other = await stage.phone('alice');
  await stage.until(() => shown.length > 1);
  await stage.of(other.agent.registration?.end() ?? Promise.resolve());
  await stage.until(() => shown.some((line) => line.endsWith('is terminated: unregistered')));
  leave.abort();
  await stage.of(watching);
  expect(shown[0]).toMatch(/^sip:alice-[0-9a-f]+@192\.0\.2\.10.* is active: registered$/);
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});
