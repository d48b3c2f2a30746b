import { BodyPart } from '../message/body/body-part.ts';
import { maximumDepth, partsOf } from '../message/body/multipart.ts';
import { SyntaxFault } from '../message/fault.ts';
import { ContentEncoding } from '../message/headers/content-encoding.ts';
import { ContentType } from '../message/headers/content-type.ts';
import type { SipRequest } from '../message/message.ts';
import type { Capabilities } from './capabilities.ts';
import type { Refused } from './request-inspection.ts';

/** These end something: whatever they bring along, they are better heard than refused for it. */
const endings: ReadonlySet<string> = new Set(['BYE', 'CANCEL']);
/** Their bodies are for those to judge who take them: whoever listens to a session knows what its INFOs mean (RFC 6086). */
const judgedByTaker: ReadonlySet<string> = new Set(['INFO']);

/** The body of a request (RFC 3261 8.2.3): 415 where a part has to be understood and is not (RFC 5621 8.4). */
export function inspectBody(request: SipRequest, capabilities: Capabilities): Refused | undefined {
  const { method } = request;
  if (request.body === '' || endings.has(method)) return undefined;
  const body = BodyPart.of(request);
  if (!body.isRequired) return undefined;
  if (!request.has(ContentType)) return { status: 400, reason: 'Missing Content-Type' };
  if (judgedByTaker.has(method)) return undefined;
  const isCoded = request.rawAll(ContentEncoding).some((coding) => coding.toLowerCase() !== 'identity');
  const accepted = capabilities.accepted(method);
  const isUnderstood = !isCoded && understands(body, accepted, 0);
  if (isUnderstood instanceof SyntaxFault) return { status: isUnderstood.status, reason: isUnderstood.reason };
  if (isUnderstood) return undefined;
  return {
    status: 415,
    headers: [
      ['Accept', accepted.join(', ')],
      ['Accept-Encoding', 'identity'],
    ],
  };
}

/**
 * Whether a part is for somebody here, by its type and by what it is there for. Of alternatives one is enough; of any other
 * multipart, known or not, all that have to be (RFC 5621 4.2, 8.3).
 */
function understands(part: BodyPart, accepted: readonly string[], depth: number): boolean | SyntaxFault {
  const { mediaType } = part;
  if (mediaType === undefined) return false;
  if (!part.is('multipart')) return accepted.includes(mediaType) && isInPlace(part);
  if (accepted.length === 0) return false;
  if (depth >= maximumDepth) return new SyntaxFault('multipart bodies are nested too deep');
  const parts = partsOf(part);
  if (parts instanceof SyntaxFault) return parts;
  const isChoice = part.is('multipart', 'alternative');
  let isUnderstood = !isChoice;
  for (const each of parts) {
    if (!isChoice && !each.isRequired) continue;
    const one = understands(each, accepted, depth + 1);
    if (one instanceof SyntaxFault) return one;
    isUnderstood = isChoice ? isUnderstood || one : isUnderstood && one;
  }
  return isUnderstood;
}

/** A session description describes the session, all else is to be shown: nobody here knows another use of either. */
function isInPlace(part: BodyPart): boolean {
  const { disposition } = part;
  return (
    disposition instanceof SyntaxFault || disposition.type === (part.is('application', 'sdp') ? 'session' : 'render')
  );
}
