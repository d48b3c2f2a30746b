import { equalsFolded } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import { defaultLimits } from './header-index.ts';
import type { MessageLimits } from './header-index.ts';
import { MalformedMessage } from './malformed-message.ts';
import { SipMessage } from './sip-message.ts';
import { SipRequest } from './sip-request.ts';
import { SipResponse } from './sip-response.ts';

export { defaultLimits, MalformedMessage, SipMessage, SipRequest, SipResponse };
export type { MessageLimits };
export type { HeaderName } from './sip-message.ts';
export type { RequestParts } from './sip-request.ts';
export type { ResponseOptions } from './response-text.ts';

/**
 * Reads one whole message. Line ends before it are skipped (RFC 3261 7.5), and what follows the body that
 * Content-Length announces is cut off (RFC 3261 18.3).
 */
export function parseMessage(
  text: string,
  limits: MessageLimits = defaultLimits,
): SipRequest | SipResponse | MalformedMessage {
  let start = 0;
  while (text.charCodeAt(start) === 0x0d && text.charCodeAt(start + 1) === 0x0a) start += 2;
  const message = start === 0 ? text : text.slice(start);
  const parsed = equalsFolded(message, 0, Math.min(4, message.length), 'sip/')
    ? SipResponse.parse(message, limits)
    : SipRequest.parse(message, limits);
  if (text.length <= limits.maximumSize) return parsed;
  const partial = parsed instanceof MalformedMessage ? parsed.message : parsed;
  return new MalformedMessage(new SyntaxFault('message too large', limits.maximumSize, 513, 'message-size'), partial);
}
