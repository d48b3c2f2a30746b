import { testContext } from '../auth/auth-context.testing.ts';
import type { HeaderInit } from '../message/header.ts';
import { SipRequest } from '../message/message.ts';
import type { SipResponse } from '../message/message.ts';
import type { TransportError, TransportProtocol } from '../transport/contract.ts';
import type { RegistrarFlow } from './flow-watch.ts';
import type { LocationService } from './location-service.ts';
import { MemoryLocationService } from './memory-location-service.ts';
import type { RegistrarOptions } from './registrar-options.ts';
import { Registrar } from './registrar.ts';

/** A flow that carries nothing and can be cut. */
export class TestFlow implements RegistrarFlow {
  static #count = 0;
  readonly id = ++TestFlow.#count;
  readonly protocol: TransportProtocol;
  readonly remote: { readonly address: string; readonly port: number };
  closed = false;
  readonly #listeners = new Set<(error: TransportError) => void>();

  constructor(protocol: TransportProtocol = 'UDP', address = '198.51.100.7', port = 40_000) {
    this.protocol = protocol;
    this.remote = { address, port };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  onClose(listener: (error: TransportError) => void): () => void {
    if (this.closed) listener({ code: 'closed', message: '' });
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.closed = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener({ code: 'closed', message: '' });
  }
}

/** What differs between two REGISTERs of a test. */
export interface RegisterParts {
  readonly uri?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly contact?: readonly string[];
  readonly headers?: readonly HeaderInit[];
  readonly flow?: RegistrarFlow;
  readonly vias?: number;
}

export const aliceRecord = 'sip:alice@example.com';

/** A registrar for example.com with the users alice and bob. */
export class RegistrarBench {
  readonly context = testContext();
  readonly location: LocationService;
  readonly registrar: Registrar;
  readonly flow = new TestFlow();
  #cseq = 0;

  constructor(options: Partial<RegistrarOptions> = {}, location?: LocationService) {
    this.location = location ?? new MemoryLocationService(this.context.clock);
    this.registrar = new Registrar(this.context, this.location, {
      findAddressOfRecord: (uri) =>
        uri.host === 'example.com' && (uri.user === 'alice' || uri.user === 'bob') ? uri.addressOfRecord : undefined,
      mayRegister: (identity, to) => identity === undefined || identity.username === to.user,
      isOurs: (host, port) => (host === '192.0.2.9' && (port ?? 5060) === 5060) || host === 'example.com',
      ...options,
    });
  }

  /** Sends a REGISTER and answers all responses to it. The CSeq number grows by itself. */
  register(parts: RegisterParts = {}, username?: string): SipResponse[] {
    const cseq = parts.cseq ?? ++this.#cseq;
    const responses: SipResponse[] = [];
    const request = SipRequest.create({
      method: 'REGISTER',
      requestUri: parts.uri ?? 'sip:example.com',
      headers: [
        ...Array.from({ length: parts.vias ?? 1 }, (_, i): HeaderInit => [
          'Via',
          `SIP/2.0/UDP 10.0.0.${String(i + 1)};branch=z9hG4bK${String(cseq)}`,
        ]),
        ['From', '<sip:alice@example.com>;tag=1'],
        ['To', parts.to ?? '<sip:alice@example.com>'],
        ['Call-ID', parts.callId ?? 'phone'],
        ['CSeq', `${String(cseq)} REGISTER`],
        ['Max-Forwards', '70'],
        ...(parts.contact ?? []).map((value): HeaderInit => ['Contact', value]),
        ...(parts.headers ?? []),
      ],
    });
    this.registrar.handle(
      { request, flow: parts.flow ?? this.flow, respond: (response) => responses.push(response) },
      username === undefined ? undefined : { username, realm: 'example.com' },
    );
    return responses;
  }

  /** The only response to a REGISTER. */
  response(parts: RegisterParts = {}, username?: string): SipResponse {
    const [response, ...more] = this.register(parts, username);
    if (response === undefined || more.length > 0) throw new Error('not one response');
    return response;
  }

  status(parts: RegisterParts = {}, username?: string): number {
    return this.response(parts, username).status;
  }

  /** The contacts that alice has now, as a phone without extensions sees them. */
  contacts(): string[] {
    return this.response({ callId: 'asking' }).rawAll('Contact');
  }
}
