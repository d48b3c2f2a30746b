import { encodeUtf8, Parameters, parseUri, Replaces, SipUri, SyntaxFault } from '@switchhook/sip';
import type { SipRequest, Uri } from '@switchhook/sip';

/** A parameter of Replaces (generic-param, RFC 3891 6.1): the one person that the link with it was sent to. */
const parameter = 'for';

/** The parameters by which the Replaces of a link says for whom it is. */
export function linkFor(recipient: Uri): Parameters {
  return Parameters.of({ [parameter]: personOf(recipient) });
}

/** For whom the link is that an INVITE follows, as {@link personOf} has him; undefined where it says nothing of that. */
export function recipientOf(request: SipRequest): string | undefined {
  const replaces = request.get(Replaces);
  if (replaces === undefined || replaces instanceof SyntaxFault) return undefined;
  const text = replaces.parameters?.get(parameter);
  if (text === undefined) return undefined;
  const uri = parseUri(encodeUtf8(text));
  return uri instanceof SyntaxFault ? '' : personOf(uri);
}

/** Who somebody is, wherever his calls go: his address of record without a port, which a network without names may need. */
export function personOf(uri: Uri): string {
  return uri instanceof SipUri ? uri.with({ port: undefined }).addressOfRecord : uri.toString();
}
