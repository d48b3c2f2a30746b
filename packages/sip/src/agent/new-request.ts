import type { RandomSource } from '../context.ts';
import type { NewRequest } from '../dialog/contract.ts';
import { targetUri } from '../dialog/route-set.ts';
import { SwitchhookError } from '../error.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { parseUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';

/**
 * Makes a request that begins something (RFC 3261 8.1.1), without Route, Contact and Via. Header fields that the target's
 * URI carries are left out: whoever took it from a page would let the page write the request (RFC 3261 19.1.5).
 */
export function newRequest(
  parts: NewRequest,
  own: NameAddr,
  random: RandomSource,
  more: readonly HeaderInit[],
): SipRequest {
  const target = targetUri(typeof parts.target === 'string' ? uriOf(parts.target) : parts.target);
  const { method, to, from = own, headers = [], contentType, body } = parts;
  const tagged = from.with({ parameters: from.parameters.with('tag', random.token()) });
  return SipRequest.create({
    method,
    requestUri: target,
    headers: [
      ['Max-Forwards', '70'],
      ['From', tagged.toString()],
      ['To', (to ?? NameAddr.of({ uri: target })).toString()],
      ['Call-ID', parts.callId ?? random.token()],
      ['CSeq', `1 ${method}`],
      ...more,
      ...headers,
      ...(contentType === undefined ? [] : [['Content-Type', contentType] as const]),
    ],
    body,
  });
}

function uriOf(text: string): Uri {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) throw new SwitchhookError('invalid-uri', `${text}: ${uri.reason}`);
  return uri;
}
