import { decodeUtf8, defaultStreamLimits, encodeUtf8, hostPort, StreamEndpoint, transportError } from '@switchhook/sip';
import type {
  BytePipe,
  Destination,
  Flow,
  SipContext,
  SocketAddress,
  StreamFlow,
  StreamLimits,
  Transport,
  TransportReceiver,
  TransportStats,
} from '@switchhook/sip';

/** Which server a page talks to over WebSocket (RFC 7118). */
export interface WebSocketClientOptions {
  /** The server: `wss://example.com/sip`, or `ws:` where nobody listens in. */
  readonly url: string;
  readonly limits?: Partial<StreamLimits>;
}

const subprotocol = 'sip';
const normalClosure = 1_000;

/**
 * SIP over the WebSocket that a browser has (RFC 7118), and Node, too. It listens nowhere and reaches one server, so
 * whatever is sent goes there. Certificates are the platform's business.
 */
export class WebSocketClientTransport implements Transport {
  readonly protocol: 'WS' | 'WSS';
  readonly local = undefined;
  readonly sentBy: SocketAddress;
  readonly hosts: readonly string[];
  /** The server, as a resolver for this transport answers it. */
  readonly destination: Destination;
  readonly #endpoint: StreamEndpoint;
  readonly #limits: StreamLimits;
  readonly #url: URL;

  /** Throws a TypeError when the URL is none of a WebSocket. */
  constructor(context: SipContext, options: WebSocketClientOptions) {
    const url = new URL(options.url);
    if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new TypeError(`no WebSocket: ${options.url}`);
    this.#url = url;
    this.protocol = url.protocol === 'wss:' ? 'WSS' : 'WS';
    const port = url.port === '' ? (this.protocol === 'WSS' ? 443 : 80) : Number(url.port);
    this.destination = { protocol: this.protocol, address: url.hostname.replace(/^\[|\]$/g, ''), port };
    // A browser does not know its address; nobody could connect to it anyway (RFC 7118 5.2).
    const host = `${context.random.token()}.invalid`;
    this.sentBy = { address: host, port };
    this.hosts = [host];
    this.#limits = { ...defaultStreamLimits, ...options.limits };
    this.#endpoint = new StreamEndpoint({
      clock: context.clock,
      random: context.random,
      protocol: this.protocol,
      limits: this.#limits,
      connector: (_destination, flow) => this.#open(flow),
    });
  }

  reaches(): boolean {
    return true;
  }

  start(receiver: TransportReceiver): Promise<void> {
    this.#endpoint.start(receiver, this.sentBy);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.#endpoint.stop();
  }

  connect(): Flow {
    return this.#endpoint.connect(this.destination);
  }

  flow(id: number): Flow | undefined {
    return this.#endpoint.flow(id);
  }

  stats(): TransportStats {
    return this.#endpoint.stats();
  }

  #open(flow: StreamFlow): BytePipe {
    const socket = new WebSocket(this.#url, subprotocol);
    socket.binaryType = 'arraybuffer';
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      flow.opened();
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#received(data, flow);
    };
    // The platform does not tell a page why a connection failed, only that it did.
    socket.onerror = () => undefined;
    socket.onclose = ({ reason }) => {
      const place = hostPort(this.destination.address, this.destination.port);
      flow.ended(
        wasOpen ? transportError('closed', reason) : transportError('unreachable', `no WebSocket to ${place}`),
      );
    };
    return new WebSocketClientPipe(socket);
  }

  #received(data: unknown, flow: StreamFlow): void {
    const text = typeof data === 'string' ? encodeUtf8(data) : data instanceof ArrayBuffer ? latin1(data) : undefined;
    if (text === undefined) return;
    if (text.length > this.#limits.maximumMessage) flow.broken('', 513, 'Message Too Large');
    else flow.received(text);
  }
}

/** What is written goes out as one message, as text where it is text (RFC 7118 5). */
class WebSocketClientPipe implements BytePipe {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get pending(): number {
    return this.#socket.bufferedAmount;
  }

  write(text: string): void {
    const read = decodeUtf8(text);
    this.#socket.send(encodeUtf8(read) === text ? read : Uint8Array.from(text, (byte) => byte.charCodeAt(0)));
  }

  end(): void {
    this.#socket.close(normalClosure);
  }

  destroy(): void {
    this.#socket.close();
  }
}

function latin1(data: ArrayBuffer): string {
  let text = '';
  for (const byte of new Uint8Array(data)) text += String.fromCharCode(byte);
  return text;
}
