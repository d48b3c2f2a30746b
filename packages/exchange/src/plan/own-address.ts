import { knownMethods } from '@switchhook/sip';
import type { CallPlan, HeaderInit, SipRequest } from '@switchhook/sip';

/** Something within the exchange that takes requests to its own address, and what OPTIONS says of it. */
export interface Installed {
  readonly methods: readonly string[];
  /** Option tags. */
  readonly extensions: readonly string[];
  /** Media types of the bodies it reads. */
  readonly accepts: readonly string[];
  /** Event packages. */
  readonly events: readonly string[];
}

/** What a request gets that is for the exchange itself and that none of its servers takes (RFC 3261 8.2, 11.2). */
export class OwnAddress {
  readonly #extensions: ReadonlySet<string>;
  readonly #capabilities: readonly HeaderInit[];
  readonly #allow: HeaderInit;
  readonly #methods: ReadonlySet<string>;
  readonly #allowEvents: HeaderInit;

  constructor(installed: readonly Installed[]) {
    const union = (pick: (one: Installed) => readonly string[]): string[] => [...new Set(installed.flatMap(pick))];
    const extensions = union((one) => one.extensions);
    this.#extensions = new Set(extensions);
    this.#methods = new Set(['OPTIONS', ...union((one) => one.methods)]);
    this.#allow = ['Allow', [...this.#methods].join(', ')];
    this.#allowEvents = ['Allow-Events', union((one) => one.events).join(', ')];
    this.#capabilities = [
      this.#allow,
      ['Accept', union((one) => one.accepts).join(', ')],
      ['Accept-Encoding', 'identity'],
      ['Accept-Language', '*'],
      ['Supported', extensions.join(', ')],
      this.#allowEvents,
    ];
  }

  plan(request: SipRequest): CallPlan {
    if (request.method === 'SUBSCRIBE' && this.#methods.has('SUBSCRIBE')) {
      // What the exchange itself can be asked about has been taken (RFC 6665 4.1.2.2).
      return { kind: 'reject', status: 489, headers: [this.#allowEvents] };
    }
    if (request.method !== 'OPTIONS') {
      const known = knownMethods.some((method) => method === request.method);
      return { kind: 'reject', status: known ? 405 : 501, headers: [this.#allow] };
    }
    const unsupported = request.rawAll('Require').filter((tag) => !this.#extensions.has(tag.toLowerCase()));
    if (unsupported.length > 0) {
      return { kind: 'reject', status: 420, headers: [['Unsupported', unsupported.join(', ')]] };
    }
    return { kind: 'respond', status: 200, headers: this.#capabilities };
  }
}
