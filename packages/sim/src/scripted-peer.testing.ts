import {
  SipRequest,
  TransactionLayer,
  TransportLayer,
  type ClientTransaction,
  type Flow,
  type HeaderInit,
  type ServerTransaction,
  type SipMessage,
  type SipResponse,
  type TransactionUser,
} from '@switchhook/sip';
import { simulatedContext } from './context.ts';
import type { SimulatedNetwork } from './network.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Extras {
  readonly headers?: readonly HeaderInit[];
  /** A session description. */
  readonly body?: string | undefined;
}

interface Parts extends Extras {
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly sequence: number;
}

/** What came of a request of the peer. */
export interface PeerRequest {
  readonly request: SipRequest;
  readonly transaction: ClientTransaction;
  readonly responses: SipResponse[];
  failed: boolean;
}

/** A session description of the peer's, without s= and t=. */
export function description(lines: readonly string[] = [], version = 1, address = '198.51.100.9'): string {
  const streams = lines.length === 0 ? ['m=audio 4000 RTP/AVP 0'] : lines;
  const head = ['v=0', `o=- 1 ${version} IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'];
  return [...head, ...streams, ''].join('\r\n');
}

/**
 * A far end that does what a test writes down, message by message, right or wrong. It keeps nothing but what it has seen;
 * transactions repeat what is lost, and nothing else is done by itself.
 */
export class ScriptedPeer implements TransactionUser {
  readonly address = '192.0.2.9';
  readonly requests: ServerTransaction[] = [];
  readonly acks: SipRequest[] = [];
  readonly cancels: SipRequest[] = [];
  readonly transactions: TransactionLayer;
  readonly #transports: TransportLayer;
  #branch = 0;

  constructor(network: SimulatedNetwork, clock: VirtualClock) {
    const context = simulatedContext('peer', clock);
    const transports = [network.host('peer', [this.address]).transport('UDP')];
    this.#transports = new TransportLayer(context, { transports });
    this.transactions = new TransactionLayer(context, this.#transports);
  }

  request(transaction: ServerTransaction): void {
    this.requests.push(transaction);
  }

  cancel(_: ServerTransaction, cancel: SipRequest): void {
    this.cancels.push(cancel);
  }

  ack(request: SipRequest): void {
    this.acks.push(request);
  }

  strayResponse(): void {
    return undefined;
  }

  /** The last request of a method that came. */
  last(method: string): ServerTransaction {
    const found = this.requests.findLast((each) => each.request.method === method);
    if (found === undefined) throw new Error(`no ${method} came`);
    return found;
  }

  count(method: string): number {
    return this.requests.filter((each) => each.request.method === method).length;
  }

  respond(transaction: ServerTransaction, status: number, { headers = [], body }: Extras = {}, toTag = 'peer'): void {
    transaction.respond(
      transaction.request.createResponse(status, {
        toTag,
        recordRoute: true,
        headers: [
          ...(status > 100 && status < 300 ? [['Contact', `<sip:${toTag}@${this.address}>`] as const] : []),
          ...(body === undefined ? [] : [['Content-Type', 'application/sdp'] as const]),
          ...headers,
        ],
        body,
      }),
    );
  }

  /** A 2xx by itself, as another branch of a fork sends it through a proxy. */
  respondApart(transaction: ServerTransaction, status: number, toTag: string, body?: string): void {
    const headers: HeaderInit[] = [['Contact', `<sip:${toTag}@${this.address}>`]];
    if (body !== undefined) headers.push(['Content-Type', 'application/sdp']);
    const response = transaction.request.createResponse(status, { toTag, headers, body });
    transaction.flow.send(response.text);
  }

  /** Calls somebody. */
  invite(target: string, extras: Extras = {}, callId = 'from-peer'): PeerRequest {
    return this.#send('INVITE', target, {
      from: `<sip:peer@${this.address}>;tag=peer`,
      to: `<${target}>`,
      callId,
      sequence: 1,
      ...extras,
    });
  }

  /** A request within the dialog that this message of the phone's, or the response to the peer's INVITE, is of. */
  within(message: SipMessage, method: string, sequence: number, extras: Extras = {}, tag = 'peer'): PeerRequest {
    const isOwn = message.fromTag === 'peer';
    const [own, far] = isOwn ? ['From', 'To'] : ['To', 'From'];
    const from = message.raw(own) ?? '';
    return this.#send(method, contactOf(message), {
      from: from.includes('tag=') ? from : `${from};tag=${tag}`,
      to: message.raw(far) ?? '',
      callId: message.callId,
      sequence,
      ...extras,
    });
  }

  /** The ACK to a 2xx. */
  acknowledge(response: SipResponse, body?: string): void {
    const request = this.#create('ACK', contactOf(response), {
      from: response.raw('From') ?? '',
      to: response.raw('To') ?? '',
      callId: response.callId,
      sequence: response.cseqNumber,
      body,
    });
    this.transactions.send(request, this.#flow(contactOf(response)));
  }

  #send(method: string, target: string, parts: Parts): PeerRequest {
    const request = this.#create(method, target, parts);
    const responses: SipResponse[] = [];
    const result = { request, responses, failed: false };
    this.#branch += 1;
    const transaction = this.transactions.request(
      request,
      this.#flow(target),
      {
        response: (response) => responses.push(response),
        failed: () => {
          result.failed = true;
        },
      },
      { branch: `peer${this.#branch}` },
    );
    return Object.assign(result, { transaction });
  }

  #create(method: string, target: string, parts: Parts): SipRequest {
    const { from, to, callId, sequence, headers = [], body } = parts;
    return SipRequest.create({
      method,
      requestUri: target,
      headers: [
        ['Max-Forwards', '70'],
        ['From', from],
        ['To', to],
        ['Call-ID', callId],
        ['CSeq', `${sequence} ${method}`],
        ...(headers.some(([name]) => name === 'Contact') ? [] : [['Contact', `<sip:peer@${this.address}>`] as const]),
        ...(body === undefined || headers.some(([name]) => name === 'Content-Type')
          ? []
          : [['Content-Type', 'application/sdp'] as const]),
        ...headers,
      ],
      body,
    });
  }

  #flow(target: string): Flow {
    const address = /@([\d.]+)/.exec(target)?.[1] ?? '';
    const flow = this.#transports.flowTo({ protocol: 'UDP', address, port: 5_060 });
    if (!('send' in flow)) throw new Error(flow.message);
    return flow;
  }
}

/** Where requests to who sent this have to go. */
function contactOf(message: SipMessage): string {
  const uri = /<([^>]+)>/.exec(message.raw('Contact') ?? '')?.[1];
  if (uri === undefined) throw new Error('no Contact');
  return uri;
}

/** The value of a header field, for tests that know it is there. */
export function headerOf(message: SipMessage | undefined, name: string): string {
  return message?.raw(name) ?? '';
}

/** The direction that a body speaks of. */
export function directionIn(message: SipMessage | undefined): string | undefined {
  return /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(message?.body ?? '')?.[1];
}

/** The version in o= of a body. */
export function versionIn(message: SipMessage | undefined): number {
  return Number(/^o=\S+ \d+ (\d+) /m.exec(message?.body ?? '')?.[1]);
}
