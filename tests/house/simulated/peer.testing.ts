import { parseMessage, SipRequest, SipResponse } from '@switchhook/sip';
import type { Flow, HeaderInit, PeerIdentity, Transport, TransportProtocol, TransportReceiver } from '@switchhook/sip';
import type { Inhabitant, Town } from './town.testing.ts';

/** Somebody without any manners: what he sends and what comes is text, and nothing is repeated or answered by itself. */
export class Peer implements TransportReceiver, Inhabitant {
  readonly name: string;
  readonly texts: string[] = [];
  /** By the number of their text. */
  readonly #flows: Flow[] = [];
  readonly #transport: Transport;
  #flowCount = 0;

  constructor(town: Town, name: string, address: string, protocol: TransportProtocol = 'UDP', identity?: PeerIdentity) {
    this.name = name;
    const host = town.network.host(name, [address]);
    this.#transport = host.transport(protocol, identity === undefined ? {} : { identity });
  }

  async start(): Promise<void> {
    await this.#transport.start(this);
  }

  stop(): Promise<void> {
    return this.#transport.stop();
  }

  leftOvers(): readonly string[] {
    return [];
  }

  /** Sends lines; the header section ends by itself, and `body` follows. */
  send(lines: readonly string[], body = '', address = '192.0.2.1', port = 5060): void {
    const { protocol } = this.#transport;
    this.#transport.connect({ protocol, address, port }).send(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  /** Answers the request that came as number `index` of all requests. */
  answer(index: number, status: number, headers: readonly HeaderInit[] = [], toTag = this.name): void {
    const request = this.requests[index];
    let flow = this.#flows[this.texts.findIndex((text) => text === request?.text)];
    if (request === undefined || flow === undefined) throw new Error(`${this.name} got no request ${String(index)}`);
    // RFC 3261 18.2.2: a new connection to where the Via says when the old one is gone.
    const { host: address, port = 5060 } = request.topVia;
    if (flow.closed) flow = this.#transport.connect({ protocol: this.#transport.protocol, address, port });
    const contact: HeaderInit = ['Contact', `<sip:${this.name}@${flow.local.address}>`];
    flow.send(
      request.createResponse(status, { toTag, headers: [contact, ...headers], recordRoute: status < 300 }).text,
    );
  }

  /** Answers the request that came as number `index` with the very text that `change` makes of a usual answer. */
  answerAs(index: number, status: number, change: (text: string) => string): void {
    const request = this.requests[index];
    const flow = this.#flows[this.texts.findIndex((text) => text === request?.text)];
    flow?.send(change(request?.createResponse(status, { toTag: this.name }).text ?? ''));
  }

  /** Closes the connection that the last message came by. */
  breakConnection(): void {
    this.#flows.at(-1)?.close('closed');
  }

  get requests(): SipRequest[] {
    return this.texts.map((text) => parseMessage(text)).filter((message) => message instanceof SipRequest);
  }

  get responses(): SipResponse[] {
    return this.texts.map((text) => parseMessage(text)).filter((message) => message instanceof SipResponse);
  }

  get statuses(): number[] {
    return this.responses.map(({ status }) => status);
  }

  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  nextFlowId(): number {
    this.#flowCount += 1;
    return this.#flowCount;
  }

  message(text: string, flow: Flow): void {
    this.texts.push(text);
    this.#flows.push(flow);
  }

  broken(text: string, _status: number, _reason: string, flow: Flow): void {
    this.message(text, flow);
  }
}
