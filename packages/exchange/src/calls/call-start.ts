import { From, NameAddr, printable, SipUri } from '@switchhook/sip';
import type { Flow, SipRequest } from '@switchhook/sip';
import type { CallStart } from './call-log.ts';

/** What the call log keeps of an INVITE: the addresses without their parameters. */
export function callStartOf(request: SipRequest, flow: Flow): CallStart {
  const from = request.get(From);
  const to = request.requestUri;
  return {
    callId: request.callId,
    callerTag: request.fromTag,
    from: from instanceof NameAddr ? plain(from.uri) : '',
    to: plain(to),
    transport: flow.protocol,
    peer: peerOf(flow),
  };
}

/** What the far end's certificate proved: a person's address, else its domains. */
function peerOf({ peer }: Flow): string | undefined {
  const names = peer === undefined || peer.addresses.length === 0 ? peer?.domains : peer.addresses;
  return names === undefined ? undefined : printable(names.join(' '));
}

function plain(uri: unknown): string {
  return printable(uri instanceof SipUri ? uri.addressOfRecord : String(uri));
}
