import { WebSocketTransport } from '@switchhook/node/web-socket';
import type { Flow, Transport, TransportError, TransportReceiver } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { browserContext } from './browser-context.ts';
import { WebSocketClientTransport } from './web-socket-transport.ts';

const ignore = (): void => undefined;
const context = browserContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
const text = 'OPTIONS sip:a SIP/2.0\r\nSubject: caf\xc3\xa9\r\n\r\n';

interface Delivery {
  readonly text: string;
  readonly flow: Flow;
  readonly status?: number;
}

class Inbox implements TransportReceiver {
  readonly #deliveries: Delivery[] = [];
  readonly #waiting: ((delivery: Delivery) => void)[] = [];
  #flows = 0;

  nextFlowId(): number {
    return ++this.#flows;
  }

  message(message: string, flow: Flow): void {
    this.#deliver({ text: message, flow });
  }

  broken(message: string, status: number, _reason: string, flow: Flow): void {
    this.#deliver({ text: message, flow, status });
  }

  next(): Promise<Delivery> {
    const delivery = this.#deliveries.shift();
    return delivery === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(delivery);
  }

  #deliver(delivery: Delivery): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#deliveries.push(delivery);
    else waiting(delivery);
  }
}

const started: Transport[] = [];

afterEach(async () => {
  for (const transport of started.splice(0)) await transport.stop();
});

async function running<T extends Transport>(transport: T): Promise<{ transport: T; inbox: Inbox }> {
  const inbox = new Inbox();
  await transport.start(inbox);
  started.unshift(transport);
  return { transport, inbox };
}

async function pair(limits = {}) {
  const server = await running(new WebSocketTransport(context, { listen: { address: '127.0.0.1', port: 0 } }));
  const url = `ws://127.0.0.1:${String(server.transport.local?.port)}/sip`;
  return { server, client: await running(new WebSocketClientTransport(context, { url, limits })) };
}

function ending(flow: Flow): Promise<TransportError> {
  return new Promise((resolve) => {
    flow.onClose(resolve);
  });
}

describe('the WebSocket of a browser', () => {
  test('carries messages both ways, as text where they are text and byte for byte where not', async () => {
    const { server, client } = await pair();
    client.transport.connect().send(text);
    const there = await server.inbox.next();
    expect(there.text).toBe(text);
    for (const answer of [text, 'OPTIONS sip:b SIP/2.0\r\nSubject: na\xefve \x80\xff\r\n\r\n']) {
      there.flow.send(answer);
      expect((await client.inbox.next()).text).toBe(answer);
    }
    client.transport.connect().send('OPTIONS sip:b SIP/2.0\r\nSubject: na\xefve \x80\xff\r\n\r\n');
    expect((await server.inbox.next()).text).toContain('na\xefve \x80\xff');
    expect(client.transport.stats()).toMatchObject({ flows: 1, sent: 2, received: 2 });
  });

  test('sends everything over one connection, and has a name that nobody can connect to', async () => {
    const { client } = await pair();
    const flow = client.transport.connect();
    expect(client.transport.connect()).toBe(flow);
    expect(flow.sentBy).toMatch(/^[0-9a-f]{32}\.invalid:\d+$/);
    expect(client.transport.hosts).toEqual([client.transport.sentBy.address]);
    expect(client.transport.flow(flow.id)).toBe(flow);
  });

  test('a message over the limit closes the connection', async () => {
    const { server, client } = await pair({ maximumMessage: 100 });
    const flow = client.transport.connect();
    flow.send(text);
    (await server.inbox.next()).flow.send(text + ' '.repeat(100));
    expect((await client.inbox.next()).status).toBe(513);
    expect((await ending(flow)).code).toBe('closed');
  });

  test('tells when there is nobody, and when the far end closes', async () => {
    const { server, client } = await pair();
    const flow = client.transport.connect();
    flow.send(text);
    (await server.inbox.next()).flow.close('closed');
    expect((await ending(flow)).code).toBe('closed');
    expect(client.transport.stats().flows).toBe(0);
    const lonely = await running(new WebSocketClientTransport(context, { url: 'ws://127.0.0.1:1/' }));
    expect((await ending(lonely.transport.connect())).code).toBe('unreachable');
  });

  test('takes no other URL', () => {
    expect(() => new WebSocketClientTransport(context, { url: 'https://example.com' })).toThrow(TypeError);
    expect(new WebSocketClientTransport(context, { url: 'wss://[::1]' }).destination).toEqual({
      protocol: 'WSS',
      address: '::1',
      port: 443,
    });
  });
});
