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

  constructor(installed: readonly Installed[]) {
    const union = (pick: (one: Installed) => readonly string[]): string[] => [...new Set(installed.flatMap(pick))];
    const extensions = union((one) => one.extensions);
    this.#extensions = new Set(extensions);
    this.#allow = ['Allow', ['OPTIONS', ...union((one) => one.methods)].join(', ')];
    this.#capabilities = [
      this.#allow,
      ['Accept', union((one) => one.accepts).join(', ')],
      ['Accept-Encoding', 'identity'],
      ['Accept-Language', '*'],
      ['Supported', extensions.join(', ')],
      ['Allow-Events', union((one) => one.events).join(', ')],
    ];
  }

  plan(request: SipRequest): CallPlan {
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
