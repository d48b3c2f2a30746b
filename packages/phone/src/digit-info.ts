import { BodyPart } from '@switchhook/sip';
import type { SipRequest } from '@switchhook/sip';

/**
 * The types by which phones have told of digits in INFO since before it had packages (RFC 6086 1.1). No standard has them, and
 * many phones and pages say digits in no other way.
 */
export const digitTypes: readonly string[] = ['application/dtmf-relay', 'application/dtmf'];

/** The key in an INFO of one of the {@link digitTypes}: a line `Signal=5`, or `5` alone. Undefined for all else. */
export function digitIn(request: SipRequest): string | undefined {
  const { mediaType, content } = BodyPart.of(request);
  if (mediaType === undefined || !digitTypes.includes(mediaType)) return undefined;
  const key = /^\s*(?:Signal\s*=\s*)?([0-9*#A-D])\s*(?:[\r\n]|$)/i.exec(content)?.[1];
  return key?.toUpperCase();
}
