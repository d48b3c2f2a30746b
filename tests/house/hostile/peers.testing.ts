import { createSocket } from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { branchOf, requestText, statusOf, token } from './sip-text.testing.ts';

/** Text that comes in, kept and waited for. */
class Inbox {
  readonly texts: string[] = [];
  /** Is shown what comes: a flood's answers are too many to look through all of them at each one. */
  #look: (text: string) => void = () => undefined;

  put(text: string): void {
    this.texts.push(text);
    this.#look(text);
  }

  /** The first text that fits; it stays in the box. */
  async find(fits: (text: string) => boolean, what = 'a message', timeout = 5_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#look = () => undefined;
        const first = this.texts.slice(0, 5).map((text) => text.slice(0, 80));
        reject(new Error(`${what} did not come; what came: ${JSON.stringify(first)}`));
      }, timeout);
      this.#look = (text) => {
        if (!fits(text)) return;
        clearTimeout(deadline);
        this.#look = () => undefined;
        resolve(text);
      };
      const found = this.texts.find(fits);
      if (found !== undefined) this.#look(found);
    });
  }
}

/** A UDP socket that says what it wants to the exchange. */
export class DatagramPeer {
  readonly inbox = new Inbox();
  readonly port: number;
  readonly address: string;
  readonly #socket: DatagramSocket;
  readonly #exchange: number;

  private constructor(socket: DatagramSocket, exchange: number) {
    const { address, port } = socket.address();
    this.#socket = socket;
    this.#exchange = exchange;
    this.address = address;
    this.port = port;
    socket.on('message', (data) => this.inbox.put(data.toString('latin1')));
  }

  static async open(exchange: number, address = '127.0.0.1'): Promise<DatagramPeer> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
    socket.bind(0, address);
    await once(socket, 'listening');
    return new DatagramPeer(socket, exchange);
  }

  send(data: string | Buffer): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    this.#socket.send(bytes, this.#exchange, '127.0.0.1');
  }

  /** Sends a request and waits for its final response. */
  async ask(text: string): Promise<string> {
    const branch = branchOf(text);
    this.send(text);
    return this.inbox.find((each) => statusOf(each) >= 200 && branchOf(each) === branch, `an answer to ${branch}`);
  }

  /**
   * Everything that came before the exchange had dealt with all that was sent: datagrams stay in order on loopback,
   * so the answer to one more request ends the wait.
   */
  async settled(): Promise<string[]> {
    const probe = requestText({
      method: 'OPTIONS',
      uri: `sip:127.0.0.1:${this.#exchange}`,
      callId: `probe-${token()}`,
    });
    await this.ask(probe);
    return this.inbox.texts.filter((text) => !text.includes('Call-ID: probe-'));
  }

  close(): void {
    this.#socket.close();
  }
}

/** A TCP or TLS connection to the exchange, with what came back in one piece. */
export class StreamPeer {
  readonly inbox = new Inbox();
  readonly socket: Socket;
  /** Resolves when the exchange, or the socket, has ended the connection. */
  readonly closed: Promise<void>;
  received = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      this.received += data.toString('latin1');
      this.inbox.put(this.received);
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** One that may be refused. */
  static begin(port: number): StreamPeer {
    return new StreamPeer(connect({ port, host: '127.0.0.1', noDelay: true }));
  }

  static async open(port: number): Promise<StreamPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new StreamPeer(socket);
  }

  static async openSecurely(port: number): Promise<StreamPeer> {
    const socket = connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return new StreamPeer(socket);
  }

  write(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Waits until the pattern shows in what came. */
  async sees(pattern: RegExp, timeout?: number): Promise<string> {
    return this.inbox.find((text) => pattern.test(text), String(pattern), timeout);
  }

  close(): void {
    this.socket.destroy();
  }
}
