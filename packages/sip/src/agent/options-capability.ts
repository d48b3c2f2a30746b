import type { Capability, UserAgentCore } from '../dialog/contract.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
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
    return this.#answer(transaction, this.#core.context.random.token());
  }

  /** Within a dialog the answer is the same, and does nothing to the dialog. */
  requestWithin(transaction: ServerTransaction): boolean {
    return this.#answer(transaction, transaction.request.toTag);
  }

  #answer(transaction: ServerTransaction, toTag: string | undefined): boolean {
    const { request, flow } = transaction;
    const secure = request.requestUriText.startsWith('sips:');
    const response = request.createResponse(this.#status(), {
      toTag,
      headers: [
        ...this.#core.capabilityHeaders(['Allow', 'Accept', 'Supported', 'Allow-Events']),
        ['Accept-Encoding', 'identity'],
        ['Contact', this.#core.contact(flow, secure)],
      ],
    });
    transaction.respond(response);
    return true;
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
