import type { Capability, UserAgentCore } from '../dialog/contract.ts';
import { Accept, accepts } from '../message/headers/accept.ts';
import { isSecure } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { sessionDescriptionType } from '../session/session-description-body.ts';
import type { Capabilities } from './capabilities.ts';

/** What every user agent can do by itself: it tells what it can do (RFC 3261 11.2), and whether it would take a call now. */
export class OptionsCapability implements Capability {
  readonly name = 'options';
  readonly methods = ['OPTIONS'];
  /** What registering brings along, and requests outside of it say, too (RFC 5626 4.3, RFC 5627 4.4). */
  readonly extensions = ['outbound', 'gruu'];
  readonly #core: UserAgentCore;
  readonly #capabilities: Capabilities;

  constructor(core: UserAgentCore, capabilities: Capabilities) {
    this.#core = core;
    this.#capabilities = capabilities;
  }

  request(transaction: ServerTransaction): boolean {
    return this.#answer(transaction, this.#status(), this.#core.context.random.token());
  }

  /** Within a dialog the answer is the same, but always 200: the call is there. It does nothing to the dialog. */
  requestWithin(transaction: ServerTransaction): boolean {
    return this.#answer(transaction, 200, transaction.request.toTag);
  }

  #answer(transaction: ServerTransaction, status: number, toTag: string | undefined): boolean {
    const { request } = transaction;
    const body = status < 300 ? this.#media(transaction) : undefined;
    const response = request.createResponse(status, {
      toTag,
      body,
      headers: [
        ...this.#core.capabilityHeaders(['Allow', 'Accept', 'Supported', 'Allow-Events']),
        ['Accept-Encoding', 'identity'],
        ['Accept-Language', '*'],
        ['Contact', this.#contact(transaction)],
        ...(body === undefined ? [] : [['Content-Type', sessionDescriptionType] as const]),
      ],
    });
    transaction.respond(response);
    return true;
  }

  /** What a call could have, for who reads it; who does not say what he reads does (RFC 3261 11.1). */
  #media(transaction: ServerTransaction): string | undefined {
    const { request } = transaction;
    if (request.has(Accept) && !accepts(request, sessionDescriptionType)) return undefined;
    for (const capability of this.#capabilities.takers('INVITE')) {
      const description = capability.describesMedia?.(transaction);
      if (description !== undefined) return description;
    }
    return undefined;
  }

  #contact({ request, flow }: ServerTransaction): string {
    for (const capability of this.#capabilities.takers('INVITE')) {
      const contact = capability.contactFor?.(request);
      if (contact !== undefined) return contact.toString();
    }
    return this.#core.contact(flow, isSecure(request.requestUri));
  }

  /** What an INVITE would be told: 200 for one that would ring (RFC 3261 11.2). */
  #status(): number {
    for (const capability of this.#capabilities.takers('INVITE')) {
      const status = capability.readiness?.();
      if (status !== undefined && status >= 300) return status;
    }
    return 200;
  }
}
