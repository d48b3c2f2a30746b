import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { ExchangeProcess } from './exchange-process.ts';

/**
 * Gives a program TLS that has none of its own, as Debian's SIPp: what it sends here by UDP goes to an exchange over one
 * connection, as if it were sent so, and what comes by that is sent to the program.
 */
export class TlsFront {
  readonly #connection: TLSSocket;
  readonly #socket: Socket;
  #received = '';

  private constructor(connection: TLSSocket, socket: Socket, behind: number) {
    this.#connection = connection;
    this.#socket = socket;
    connection.on('error', () => undefined);
    connection.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      for (const message of this.#messages()) socket.send(Buffer.from(message, 'latin1'), behind, '127.0.0.1');
    });
    socket.on('message', (datagram) => {
      const text = datagram.toString('latin1').replace(/^(Contact:.*;transport=)UDP/m, '$1tls');
      const isResponse = text.startsWith('SIP/2.0');
      connection.write(isResponse ? text : text.replace(/^Via: SIP\/2\.0\/UDP/m, 'Via: SIP/2.0/TLS'), 'latin1');
    });
  }

  /** `behind` is the port where the program listens. */
  static async start({ ports, certificateAuthority }: ExchangeProcess, behind: number): Promise<TlsFront> {
    const connection = connect({ host: '127.0.0.1', port: ports.tls, ca: readFileSync(certificateAuthority) });
    await once(connection, 'secureConnect');
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new TlsFront(connection, socket, behind);
  }

  /** Where the program sends to. */
  get port(): number {
    return this.#socket.address().port;
  }

  async stop(): Promise<void> {
    this.#connection.destroy();
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  /** Takes what is complete of what was received (RFC 3261 18.3). */
  *#messages(): Generator<string> {
    for (;;) {
      this.#received = this.#received.replace(/^(?:\r\n)+/, '');
      const head = this.#received.indexOf('\r\n\r\n') + 4;
      if (head < 4) return;
      const [, length = '0'] = /^(?:Content-Length|l): *(\d+)/im.exec(this.#received.slice(0, head)) ?? [];
      const end = head + Number(length);
      if (this.#received.length < end) return;
      yield this.#received.slice(0, end);
      this.#received = this.#received.slice(end);
    }
  }
}
