import { SipRequest, SyntaxFault, Via } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import { contactOf } from '../binding.ts';
import type { Complaint, Exhibit } from '../examination.ts';
import { isRequest } from '../hops.ts';
import { branchOf } from '../repetitions.ts';

/** R-REQ: what every request has (RFC 3261 8.1.1), and a branch that belongs to it alone. */
export function* everyRequest({ message, said, binding }: Exhibit): Iterable<Complaint> {
  if (!(message instanceof SipRequest)) return;
  if (message.maxForwards === undefined) yield missing('maxForwards', 'Max-Forwards');
  if (message.fromTag === undefined) yield missing('tags', 'a tag in From');
  const branch = branchOf(message);
  if (!branch.startsWith('z9hG4bK')) {
    yield { key: 'branch', expected: 'a branch that begins with z9hG4bK', found: branch === '' ? 'no branch' : branch };
  }
  const twin = binding
    .before(said)
    .filter(isRequest)
    .find(
      (other) =>
        branchOf(other.message) === branch &&
        sentByOf(other.message) === sentByOf(message) &&
        !isOneTransaction(other.message, message),
    );
  if (twin !== undefined) {
    const found = `${branch}, which an earlier ${twin.message.method} has`;
    yield { key: 'branch', expected: 'a branch of its own', found };
  }
}

function missing(key: string, what: string): Complaint {
  return { key, expected: what, found: 'none' };
}

function sentByOf(message: SipMessage): string {
  const via = message.get(Via);
  return via === undefined || via instanceof SyntaxFault ? '' : `${via.host}:${via.port ?? ''}`;
}

/** CANCEL, and the ACK to a failure, belong to their INVITE and share its branch (RFC 3261 9.1, 17.1.1.3). */
function isOneTransaction(first: SipRequest, second: SipRequest): boolean {
  if (first.callId !== second.callId || first.cseqNumber !== second.cseqNumber) return false;
  if (second.method === 'CANCEL') return first.method === 'INVITE';
  // An ACK to a 2xx that has the branch all the same is found by R-ACK2.
  return second.method === 'ACK' && (first.method === 'INVITE' || first.method === 'CANCEL');
}

/** R-NEW: what begins a dialog has no To tag, a Call-ID and a From tag of its own, and a Contact (RFC 3261 8.1.1, 12.1). */
export function* beginsDialog({ message, said, binding, hops, tolerate }: Exhibit): Iterable<Complaint> {
  if (!(message instanceof SipRequest)) return;
  if (message.toTag !== undefined) yield { key: 'tags', expected: 'no tag in To', found: message.toTag };
  if (contactOf(message) === undefined) yield missing('contact', 'a Contact');
  for (const other of binding.before(said).filter(isRequest)) {
    if (other.from !== said.from || other.message.method === 'ACK' || other.message.method === 'CANCEL') continue;
    const isSameCall = other.message.callId === message.callId;
    const isSameTag = other.message.fromTag === message.fromTag && other.message.method !== 'REGISTER';
    if (!isSameCall && !isSameTag) continue;
    const status = hops.finalTo(other)?.message.status ?? 0;
    // What follows a redirection, a challenge or a refusal with Error-Info may keep them.
    if (status >= 300 && other.message.toTag === undefined) {
      tolerate(status === 401 || status === 407 ? 'T13' : 'T23');
      continue;
    }
    const [key, what, value] = isSameCall
      ? ['callId', 'a Call-ID of its own', message.callId]
      : ['fromTag', 'a From tag of its own', message.fromTag ?? 'none'];
    yield { key, expected: what, found: `${value}, which an earlier ${other.message.method} has` };
    return;
  }
}
