import { decodeUtf8, encodeUtf8, OpaqueUri, parseUri, SipUri, SyntaxFault } from '@switchhook/sip';

/** Characters of a link; no address that a person may mean is longer. */
export const longestLink = 1_000;

/** What of a link's parameters belongs to the address; others say how a request is to be made, which is not the link's to say. */
const kept = ['user', 'transport'];

/**
 * Whom a link means, as a phone is told: a name, an address, a sip:, sips: or tel: URI. Whoever wrote the page says whom
 * to call and nothing else: header fields, a body, a password, a method, a way around (`maddr`) are left out (RFC 3261
 * 19.1.5). Pages write `tel:` as they like: spaces go, and a number that does not say where it is valid is one of the
 * person's own exchange. Undefined for what is nobody who can be called.
 */
export function targetOfLink(link: string): string | undefined {
  const text = link.trim();
  if (text === '' || text.length > longestLink || text.startsWith('-') || /\p{Cc}/u.test(text)) return undefined;
  if (/^tel:/i.test(text)) return targetOfNumber(text);
  if (!/^[a-z][a-z\d+.-]*:/i.test(text)) return /[?;]/.test(text) ? undefined : text;
  const uri = parseUri(encodeUtf8(text));
  if (!(uri instanceof SipUri)) return undefined;
  const parameters = [...uri.parameters].filter(([name]) => kept.includes(name.toLowerCase()));
  return decodeUtf8(uri.with({ password: undefined, headers: [], parameters }).toString());
}

function targetOfNumber(text: string): string | undefined {
  const bare = text
    .replace(/\s|%20/g, '')
    .replace(/%23/g, '#')
    .replace(/\?.*$/s, '');
  const uri = parseUri(bare);
  if (!(uri instanceof SyntaxFault || uri instanceof OpaqueUri)) return uri.toString();
  const digits = bare.slice('tel:'.length).replace(/[-.()]/g, '');
  return /^[\d*#]+$/.test(digits) ? digits : undefined;
}
