import { Contact, decodeUtf8, From, NameAddr, parseMessage, SipRequest, SyntaxFault } from '@switchhook/sip';

/** Who calls, as a person reads it; undefined for what is no request, or has a From that does not read. */
export function callerOf(bytes: string): string | undefined {
  const message = parseMessage(bytes);
  if (!(message instanceof SipRequest)) return undefined;
  const from = message.get(From);
  if (from === undefined || from instanceof SyntaxFault) return undefined;
  return decodeUtf8(from.displayName ?? from.uri.toString());
}

/** The request for another target, with another contact. Every other byte stays as it came. */
export function retargeted(bytes: string, target: string, contact: string): string {
  const message = parseMessage(bytes);
  if (!(message instanceof SipRequest)) throw new Error('not a request');
  return message
    .edit()
    .setRequestUri(target)
    .set(Contact, NameAddr.of({ uri: contact }))
    .toText();
}
