import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import type {
  Destination,
  Flow,
  SipContext,
  Transport,
  TransportError,
  TransportProtocol,
  TransportReceiver,
} from '@switchhook/sip';
import { systemContext } from './system-context.ts';

const ignore = (): void => undefined;

export const context: SipContext = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });

export const message = 'OPTIONS sip:a SIP/2.0\r\nSubject: na\xefve \x80\xff\r\nContent-Length: 0\r\n\r\n';

interface Delivery {
  readonly text: string;
  readonly flow: Flow;
  /** Of a stream that could not be framed. */
  readonly status?: number;
}

/** Keeps what a transport hands up until a test asks for it. */
export class Inbox implements TransportReceiver {
  private readonly deliveries: Delivery[] = [];
  private readonly waiting: ((delivery: Delivery) => void)[] = [];
  private flows = 0;

  nextFlowId(): number {
    this.flows += 1;
    return this.flows;
  }

  message(text: string, flow: Flow): void {
    this.deliver({ text, flow });
  }

  broken(text: string, status: number, _reason: string, flow: Flow): void {
    this.deliver({ text, flow, status });
    flow.send('the answer');
  }

  /** The next delivery, when it comes. */
  next(): Promise<Delivery> {
    const delivery = this.deliveries.shift();
    if (delivery !== undefined) return Promise.resolve(delivery);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private deliver(delivery: Delivery): void {
    const waiting = this.waiting.shift();
    if (waiting === undefined) this.deliveries.push(delivery);
    else waiting(delivery);
  }
}

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Starts a transport that is stopped when the test is over. */
export async function running<T extends Transport>(
  transport: T,
): Promise<{ transport: T; inbox: Inbox; port: number }> {
  const inbox = new Inbox();
  await transport.start(inbox);
  cleanups.push(() => transport.stop());
  return { transport, inbox, port: transport.local?.port ?? 0 };
}

/** A bare TCP connection, open or refused already, destroyed when the test is over. */
export async function bareConnection(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host });
  cleanups.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  return socket;
}

export function later(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export function at(protocol: TransportProtocol, port: number, serverName?: string, address = '127.0.0.1'): Destination {
  return { protocol, address, port, ...(serverName !== undefined && { serverName }) };
}

/** Why the flow ends, when it does. */
export function ending(flow: Flow): Promise<TransportError> {
  return new Promise((resolve) => {
    flow.onClose(resolve);
  });
}

/** All that a socket says until it ends. */
export async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (data: string) => (text += data));
  if (!socket.closed) await once(socket, 'close');
  return text;
}
