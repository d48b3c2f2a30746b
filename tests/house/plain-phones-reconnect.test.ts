import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DigestClient, parseMessage, SipRequest, SipResponse } from '@switchhook/sip';
import { systemContext } from '@switchhook/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExchangeProcess, passwordOf } from '../peers/support/exchange-process.ts';

/** Phones that know no GRUU, in a call by way of the real exchange over connections, which is killed and started again. */

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const context = systemContext(silent);

let directory: string;
let exchange: ExchangeProcess;
const sockets: Socket[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'switchhook-plain-'));
  exchange = await ExchangeProcess.start({ directory });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

function via(): string {
  return `SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${context.random.token()};rport`;
}

/** As much of a phone as it takes: a connection, a Contact that leads nowhere but over it, a password. */
class PlainPhone {
  readonly user: string;
  readonly contact: string;
  readonly #digest: DigestClient;
  readonly #waiting: ((message: SipRequest | SipResponse) => boolean)[] = [];
  readonly #unread: (SipRequest | SipResponse)[] = [];
  #socket: Socket | undefined = undefined;
  #cseq = 1;

  constructor(user: string, contactUser = user) {
    this.user = user;
    this.contact = `<sip:${contactUser}-0x1234@127.0.0.1:9;transport=tcp>`;
    this.#digest = new DigestClient(context, () => ({ username: user, password: passwordOf(user) }));
  }

  connect(): void {
    const socket = connect(exchange.ports.tcp, '127.0.0.1');
    sockets.push(socket);
    socket.setEncoding('latin1').on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const message = parseMessage(text.slice(0, end + 4));
        text = text.slice(end + 4);
        if (message instanceof SipRequest || message instanceof SipResponse) this.#take(message);
      }
    });
    this.#socket = socket;
  }

  async register(): Promise<void> {
    const response = await this.ask(
      this.request('REGISTER', 'sip:127.0.0.1', this.user, [`Contact: ${this.contact}`, 'Expires: 600']),
    );
    expect(response.status).toBe(200);
  }

  request(method: string, uri: string, to: string, more: readonly string[] = []): string {
    this.#cseq += 1;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: ${via()}`,
      'Max-Forwards: 70',
      `From: <sip:${this.user}@127.0.0.1>;tag=${this.user}`,
      `To: ${to.includes('<') ? to : `<sip:${to}@127.0.0.1>`}`,
      `CSeq: ${String(this.#cseq)} ${method}`,
      'Content-Length: 0',
    ];
    if (!more.some((line) => line.startsWith('Call-ID'))) lines.push(`Call-ID: ${context.random.token()}`);
    return `${[...lines, ...more].join('\r\n')}\r\n\r\n`;
  }

  send(text: string): void {
    this.#socket?.write(text, 'latin1');
  }

  /** The final response to a request, with the password where it is asked for. */
  async ask(text: string): Promise<SipResponse> {
    const request = parseMessage(text);
    if (!(request instanceof SipRequest)) throw new Error(text);
    this.send(text);
    const response = await this.next(
      (message) => message instanceof SipResponse && message.callId === request.callId && message.status >= 200,
    );
    if (!(response instanceof SipResponse) || (response.status !== 401 && response.status !== 407)) {
      return response instanceof SipResponse ? response : this.ask(text);
    }
    const answered = this.#digest.answer(request, response);
    if (!(answered instanceof SipRequest)) throw new Error(answered.reason);
    this.#cseq += 1;
    const edit = answered.edit();
    edit.set('Via', via());
    return this.ask(edit.toMessage().text);
  }

  next(fits: (message: SipRequest | SipResponse) => boolean): Promise<SipRequest | SipResponse> {
    const index = this.#unread.findIndex(fits);
    const [known] = index < 0 ? [] : this.#unread.splice(index, 1);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      this.#waiting.push((message) => {
        if (!fits(message)) return false;
        resolve(message);
        return true;
      });
    });
  }

  #take(message: SipRequest | SipResponse): void {
    const index = this.#waiting.findIndex((take) => take(message));
    if (index < 0) this.#unread.push(message);
    else this.#waiting.splice(index, 1);
  }
}

function isRequest(method: string): (message: SipRequest | SipResponse) => boolean {
  return (message) => message instanceof SipRequest && message.method === method;
}

test('a call goes on over the connections that its phones have registered by anew', async () => {
  const [alice, bob] = [new PlainPhone('alice'), new PlainPhone('bob')];
  const both = [alice, bob];
  for (const phone of both) phone.connect();
  await Promise.all(both.map((phone) => phone.register()));
  const asked = alice.ask(alice.request('INVITE', 'sip:bob@127.0.0.1', 'bob', [`Contact: ${alice.contact}`]));
  const invite = await bob.next(isRequest('INVITE'));
  if (!(invite instanceof SipRequest)) throw new Error('no INVITE');
  const records = invite.rawAll('Record-Route').map((value) => ['Record-Route', value] as const);
  bob.send(invite.createResponse(200, { toTag: 'bob', headers: [['Contact', bob.contact], ...records] }).text);
  const answer = await asked;
  expect(answer.status).toBe(200);
  const dialog = (phone: PlainPhone, message: SipRequest | SipResponse): string[] => {
    const records = message.rawAll('Record-Route');
    const route = phone === alice ? records.toReversed() : records;
    return [`Call-ID: ${message.callId}`, ...route.map((value) => `Route: ${value}`)];
  };
  const uri = ({ contact }: PlainPhone): string => contact.slice(1, -1);
  alice.send(alice.request('ACK', uri(bob), '<sip:bob@127.0.0.1>;tag=bob', dialog(alice, answer)));
  await bob.next(isRequest('ACK'));

  await exchange.process.stop('SIGKILL');
  await exchange.restart();
  alice.connect();
  const info = (): string => alice.request('INFO', uri(bob), '<sip:bob@127.0.0.1>;tag=bob', dialog(alice, answer));
  expect((await alice.ask(info())).status).toBe(430);

  // Somebody who says that bob's contact is his gets nothing of bob's call.
  const carol = new PlainPhone('carol', 'bob');
  carol.connect();
  await carol.register();
  expect((await alice.ask(info())).status).toBe(430);

  bob.connect();
  await bob.register();
  const informed = alice.ask(info());
  const received = await bob.next(isRequest('INFO'));
  if (received instanceof SipRequest) bob.send(received.createResponse(200).text);
  expect((await informed).status).toBe(200);

  await alice.register();
  const hungUp = bob.ask(bob.request('BYE', uri(alice), '<sip:alice@127.0.0.1>;tag=alice', dialog(bob, invite)));
  const bye = await alice.next(isRequest('BYE'));
  if (bye instanceof SipRequest) alice.send(bye.createResponse(200).text);
  expect((await hungUp).status).toBe(200);
}, 60_000);
