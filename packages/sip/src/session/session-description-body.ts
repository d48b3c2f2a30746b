import { BodyPart } from '../message/body/body-part.ts';
import { leavesOf } from '../message/body/multipart.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { SipMessage } from '../message/message.ts';

/** The media type of offers and answers. */
export const sessionDescriptionType = 'application/sdp';

/**
 * The offer or answer that a message carries, alone or among other parts (RFC 3261 20.11, RFC 5621 8.2); undefined where there
 * is none, a fault where the parts do not read.
 */
export function sessionDescriptionOf(message: SipMessage): string | undefined | SyntaxFault {
  if (message.body === '') return undefined;
  const parts = leavesOf(BodyPart.of(message));
  if (parts instanceof SyntaxFault) return parts;
  for (const part of parts) {
    if (!part.is('application', 'sdp')) continue;
    const disposition = part.disposition;
    const isSession = disposition instanceof SyntaxFault || disposition.type === 'session';
    if (isSession) return part.content;
  }
  return undefined;
}

/** The same where parts that do not read are as good as none: in responses and ACKs, which nobody can refuse. */
export function readableDescriptionOf(message: SipMessage): string | undefined {
  const description = sessionDescriptionOf(message);
  return description instanceof SyntaxFault ? undefined : description;
}
