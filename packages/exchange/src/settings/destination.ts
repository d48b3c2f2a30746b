import { encodeUtf8, parseUri, SipUri, SyntaxFault, TelUri } from '@switchhook/sip';

/** Where a call may be sent on to. */
export type Destination = SipUri | TelUri;

/**
 * Reads where a subscriber of `domain` wants his calls to go: a URI as it is, `carol@example.net` as a `sip:` URI, and
 * anything shorter as a user or a number of his own domain.
 */
export function readDestination(text: string, domain: string): Destination | SyntaxFault {
  const written = text.trim();
  if (written === '') return new SyntaxFault('an address is missing');
  const isWhole = /^(?:sips?|tel|urn|https?|mailto):/i.test(written);
  if (!isWhole && !written.includes('@')) return ofDomain(written, domain);
  const uri = parseUri(isWhole ? written : `sip:${written}`);
  if (uri instanceof SyntaxFault || uri instanceof TelUri) return uri;
  if (!(uri instanceof SipUri)) return new SyntaxFault('calls go to sip:, sips: and tel: addresses only');
  if (uri.headers.size > 0 || uri.parameters.has('method')) {
    return new SyntaxFault('an address to call carries neither header fields nor a method');
  }
  return uri;
}

function ofDomain(text: string, domain: string): SipUri {
  if (!text.startsWith('+')) return SipUri.of({ user: encodeUtf8(text), host: domain });
  return SipUri.of({ user: text.replace(/[-.() ]/g, ''), host: domain, parameters: [['user', 'phone']] });
}
