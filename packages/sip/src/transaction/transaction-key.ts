import type { SipRequest } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';
import type { ServerTransaction } from './server-transaction.ts';
import type { Via } from '../message/headers/via.ts';

/** RFC 3261 8.1.1.7: what the branch of an element of RFC 3261 begins with. */
export const magicCookie = 'z9hG4bK';

/** A branch that is only the cookie identifies nothing (RFC 4475 3.2.1); it is matched as RFC 2543 does. */
function hasUniqueBranch({ branch }: Via): boolean {
  return branch !== undefined && branch.length > magicCookie.length && branch.startsWith(magicCookie);
}

/**
 * What the requests of one server transaction have in common, its ACK and CANCEL included: branch and sent-by
 * (RFC 3261 17.2.3), or for an element of RFC 2543 the fields that are named there, all but the To tag.
 */
export function serverTransactionKey(request: SipRequest): string {
  const via = request.topVia;
  if (hasUniqueBranch(via)) return via.sentByAndBranch;
  const { callId, cseqNumber, fromTag, requestUriText } = request;
  return `${requestUriText}\n${callId}\n${String(cseqNumber)}\n${fromTag ?? ''}\n${via.toString()}`;
}

/** What tells the requests of a client of RFC 2543 apart beside the key (RFC 3261 17.2.3): the To tag. */
export function tagBesideKey(request: SipRequest): string | undefined {
  return hasUniqueBranch(request.topVia) ? undefined : request.toTag;
}

/** RFC 3261 17.2.3: for a client of RFC 2543 the To tags have to be equal, too. */
export function sameToTag(transaction: ServerTransaction, request: SipRequest): boolean {
  return hasUniqueBranch(request.topVia) || transaction.tagBesideKey === request.toTag;
}

/** Whether an ACK with the transaction's key is for it; one of RFC 2543 carries the To tag of the response. */
export function acknowledges(ack: SipRequest, transaction: ServerTransaction): boolean {
  if (transaction.method !== 'INVITE') return false;
  return hasUniqueBranch(ack.topVia) || transaction.answeredTag === ack.toTag;
}

/** The request as it goes out on a flow: this side's Via on top, asking for `rport` (RFC 3581). */
export function withVia(request: SipRequest, flow: Flow, branch: string): string {
  const { text } = request;
  const headersStart = text.indexOf('\r\n') + 2;
  const via = `Via: SIP/2.0/${flow.protocol} ${flow.sentBy};branch=${branch};rport`;
  return `${text.slice(0, headersStart)}${via}\r\n${text.slice(headersStart)}`;
}
