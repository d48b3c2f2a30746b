import { lowerCase } from './characters.ts';
import type { SyntaxFault } from './fault.ts';
import { OpaqueUri } from './opaque-uri.ts';
import { SipUri } from './sip-uri.ts';
import { TelUri } from './tel-uri.ts';

export { OpaqueUri, SipUri, TelUri };

/** An address of any scheme; what is neither SIP nor `tel` stands as it came. */
export type Uri = SipUri | TelUri | OpaqueUri;

/** Whether it is `sips:`: what it names is reached by secure hops alone (RFC 3261 26.2.2). */
export function isSecure(uri: Uri | SyntaxFault | undefined): boolean {
  return uri instanceof SipUri && uri.scheme === 'sips';
}

/** Reads any URI. Schemes other than `sip`, `sips` and `tel` are kept as they came. */
export function parseUri(text: string): Uri | SyntaxFault {
  const colon = text.indexOf(':');
  if (colon === 3 || colon === 4) {
    const scheme = lowerCase(text.slice(0, colon));
    if (scheme === 'sip' || scheme === 'sips') return SipUri.parse(text);
    if (scheme === 'tel') return TelUri.parse(text);
  }
  return OpaqueUri.parse(text);
}
