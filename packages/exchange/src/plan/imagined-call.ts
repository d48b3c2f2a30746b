import { parseMessage, SipRequest } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';

/** The INVITE of a call that is not made, for planning it all the same. */
export function imaginedCall(from: Account | undefined, to: Uri): SipRequest | undefined {
  const sender = from === undefined ? 'anonymous@anonymous.invalid' : `${from.user}@${from.domain}`;
  const lines = [
    `INVITE ${to.toString()} SIP/2.0`,
    'Via: SIP/2.0/UDP imagined.invalid;branch=z9hG4bKimagined',
    'Max-Forwards: 70',
    `From: <sip:${sender}>;tag=imagined`,
    `To: <${to.toString()}>`,
    'Call-ID: imagined',
    'CSeq: 1 INVITE',
    '\r\n',
  ];
  const message = parseMessage(lines.join('\r\n'));
  return message instanceof SipRequest ? message : undefined;
}
