import { SyntaxFault } from '../message/fault.ts';
import { Reason } from '../message/headers/reason.ts';
import type { SipMessage } from '../message/message.ts';

/** Why a BYE or CANCEL was sent, where it says so and that reads (RFC 3326). */
export function reasonsOf(message: SipMessage): readonly Reason[] {
  const reasons = message.all(Reason);
  return reasons instanceof SyntaxFault ? [] : reasons;
}
