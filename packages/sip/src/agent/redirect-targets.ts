import type { RedirectPolicy } from '../dialog/contract.ts';
import { targetUri } from '../dialog/route-set.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Contact } from '../message/headers/contact.ts';
import type { SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';

/** Contacts that one request may be sent to in turn. */
const maximumTargets = 10;

/** A contact to try next, with the header fields that its URI asks for (RFC 3261 19.1.5). */
export interface RedirectTarget {
  readonly requestUri: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Header fields that a contact may put into a request; the rest would let a stranger write it. */
const allowedHeaders: ReadonlySet<string> = new Set(['subject', 'priority', 'in-reply-to', 'accept-contact']);

/** What stays in its line: escapes in a URI may stand for line ends. */
const plainText = /^[\x20-\x7e\x80-\xff]*$/;

/** The target set of RFC 3261 8.1.3.4: contacts of redirections by their q, none twice, none less secure. */
export class RedirectTargets {
  readonly #policy: RedirectPolicy | undefined;
  readonly #tried: Uri[] = [];
  #waiting: { readonly contact: NameAddr; readonly q: number; readonly response: SipResponse }[] = [];
  #secure: boolean;
  #usedProxy = false;

  constructor(policy: RedirectPolicy | undefined, target: Uri | SyntaxFault) {
    this.#policy = policy;
    this.#secure = isSecure(target);
    if (!(target instanceof SyntaxFault)) this.#tried.push(target);
  }

  /** Takes the contacts of a 3xx. */
  add(response: SipResponse): void {
    if (this.#policy === undefined || response.status === 380 || response.status === 305) return;
    for (const text of response.rawAll(Contact)) {
      const contact = Contact.parse(text);
      if (!(contact instanceof NameAddr) || this.#knows(contact.uri)) continue;
      this.#waiting.push({ contact, q: preference(contact.parameters.get('q')), response });
    }
    // Stable: contacts of one q keep their order.
    this.#waiting.sort((one, other) => other.q - one.q);
  }

  /**
   * The proxy by which a 305 wants this one request to come (RFC 3261 21.3.4), as a loose router, for its Request-URI stays.
   * It is followed once, and not to where it is less secure.
   */
  proxyOf(response: SipResponse): NameAddr | undefined {
    const contact = response.get(Contact);
    if (this.#policy === undefined || this.#usedProxy || !(contact instanceof NameAddr)) return undefined;
    const { uri } = contact;
    if (!(uri instanceof SipUri) || (this.#secure && !isSecure(uri))) return undefined;
    this.#usedProxy = true;
    if (!this.#policy.follow(contact, response)) return undefined;
    return NameAddr.of({ uri: uri.with({ parameters: uri.parameters.with('lr', ''), headers: [] }) });
  }

  next(): RedirectTarget | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { contact, response } = next;
      const { uri } = contact;
      if (this.#tried.length > maximumTargets || this.#knows(uri)) continue;
      if (this.#secure && !isSecure(uri)) continue;
      this.#tried.push(uri);
      if (this.#policy?.follow(contact, response) !== true) continue;
      this.#secure = this.#secure || isSecure(uri);
      return targetOf(uri);
    }
    return undefined;
  }

  #knows(uri: Uri): boolean {
    return this.#tried.some((tried) => (tried instanceof SipUri ? tried.equals(uri) : String(tried) === String(uri)));
  }
}

function targetOf(uri: Uri): RedirectTarget {
  const headers = uri instanceof SipUri ? [...uri.headers] : [];
  return {
    requestUri: targetUri(uri).toString(),
    headers: headers.filter(([name, value]) => allowedHeaders.has(name.toLowerCase()) && plainText.test(value)),
  };
}

/** A q parameter as a number; 1 when absent or malformed (RFC 3261 20.10 leaves the default open). */
function preference(q: string | undefined): number {
  const value = q === undefined || q === '' ? 1 : Number(q);
  return value >= 0 && value <= 1 ? value : 1;
}
