import { From, isIpv6Address, NameAddr, SipRequest, SipResponse, SyntaxFault, To, Via } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import type { Complaint, Exhibit } from '../examination.ts';

/** R-RESP: a response copies Via, From, To, Call-ID and CSeq of its request (RFC 3261 8.2.6.2). */
export function* copiesRequest({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const request = expected.answers === undefined ? undefined : binding.message(expected.answers);
  if (!(message instanceof SipResponse) || !(request instanceof SipRequest)) return;
  yield* same('callId', request.callId, message.callId);
  yield* same('cseqNumber', String(request.cseqNumber), String(message.cseqNumber));
  yield* sameTag('From', request.fromTag, message.fromTag);
  yield* same('from', addressIn(request, From), addressIn(message, From));
  yield* same('to', addressIn(request, To), addressIn(message, To));
  if (request.toTag !== undefined) yield* sameTag('To', request.toTag, message.toTag);
  else if (message.status > 100 && message.toTag === undefined) {
    yield { key: 'tags', expected: 'a tag in To', found: 'none' };
  }
  yield* sameVias(viasOf(request), viasOf(message));
}

interface ViaLine {
  /** Without the parameters that the far end of a hop adds (RFC 3261 18.2.1, RFC 3581 4). */
  readonly text: string;
  readonly received: string | undefined;
}

/** Via by Via. */
export function* sameVias(wanted: readonly ViaLine[], found: readonly ViaLine[]): Iterable<Complaint> {
  yield* same('via', wanted.map(({ text }) => text).join(', '), found.map(({ text }) => text).join(', '));
  for (const { received } of found) {
    if (received === undefined || isIpv6Address(received) || /^\d+(\.\d+){3}$/.test(received)) continue;
    yield { key: 'via.received', expected: 'received= with an address', found: received };
  }
}

export function viasOf(message: SipMessage): readonly ViaLine[] {
  const vias = message.all(Via);
  if (vias instanceof SyntaxFault) return [{ text: vias.reason, received: undefined }];
  return vias.map(({ protocol, host, port, branch, received }) => ({
    text: `${protocol} ${host}:${port ?? ''} ${branch ?? ''}`,
    received,
  }));
}

export function* same(key: string, expected: string, found: string): Iterable<Complaint> {
  if (expected !== found) yield { key, expected, found };
}

/** Complains of a tag with the header field that it is in, which is one key for both. */
export function* sameTag(
  where: 'From' | 'To',
  expected: string | undefined,
  found: string | undefined,
): Iterable<Complaint> {
  const tagIn = (tag: string | undefined): string => (tag === undefined ? `no tag in ${where}` : `${tag} in ${where}`);
  yield* same('tags', tagIn(expected), tagIn(found));
}

/** The address of From or To without its tag, which is looked at by itself. */
function addressIn(message: SipMessage, type: typeof From): string {
  const value = message.get(type);
  return value instanceof NameAddr ? value.uri.toString() : 'no address that reads';
}
