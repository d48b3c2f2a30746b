import { encodeUtf8, SipUri, SwitchhookError, TelUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';

/**
 * Addresses that a person means by a pattern: `bill@example.com`, `*@sales.example.com`, `example.com` for all of a domain,
 * `*.example.com` for all of its subdomains, `2*@example.com` for numbers that begin alike, `tel:+1555*`. A star stands
 * for any text, once before and once after the @. Case counts before it, not after it (RFC 3261 19.1.4).
 */
export class AddressPattern {
  readonly #user: string;
  readonly #host: string;

  /** Throws where it is none. */
  constructor(text: string) {
    const tel = /^tel:(.*)$/i.exec(text.trim())?.[1];
    const address = encodeUtf8(text.trim()).replace(/^sips?:/i, '');
    const at = address.lastIndexOf('@');
    this.#user = tel ?? (at < 0 ? '*' : address.slice(0, at));
    this.#host = tel === undefined ? address.slice(at + 1).toLowerCase() : '';
    const isWhole = this.#user !== '' && (tel !== undefined || /^[\w.*:[\]-]+$/.test(this.#host));
    if (
      !isWhole ||
      /[\s<>"@]/.test(this.#user) ||
      [this.#user, this.#host].some((part) => part.split('*').length > 2)
    ) {
      throw new SwitchhookError('invalid-pattern', `not a pattern of addresses: ${text}`);
    }
  }

  /** Whether a URI names one of them. Its port and parameters do not count. */
  matches(uri: Uri): boolean {
    if (uri instanceof TelUri) return this.#host === '' && isLike(this.#user, uri.number);
    if (!(uri instanceof SipUri)) return false;
    return this.#host !== '' && isLike(this.#user, uri.user ?? '') && isLike(this.#host, uri.host);
  }
}

function isLike(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}
