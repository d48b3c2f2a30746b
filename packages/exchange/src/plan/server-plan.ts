import { headerField, NameAddr, PAssertedIdentity, SipUri } from '@switchhook/sip';
import type { CallPlan, Destination } from '@switchhook/sip';
import type { Account, Call, Leg } from './call.ts';
import { withHistory } from './ring.ts';

/** To a server of the exchange, who hears from us who calls (RFC 3325); whom it serves is its own business. */
export function planOfServer(call: Call, leg: Leg, destination: Destination): CallPlan {
  const { caller } = call;
  const headers =
    caller.kind === 'subscriber' ? [headerField(PAssertedIdentity, NameAddr.of({ uri: addressOf(caller) }))] : [];
  const target = { uri: leg.uri, destination, headers };
  const targets = leg.chain === undefined ? [target] : withHistory(leg.chain, [target], leg.uri);
  return { kind: 'ring', stages: [{ targets }], ...call.trim };
}

function addressOf({ user, domain }: Account): SipUri {
  return SipUri.of({ scheme: 'sip', user, host: domain });
}
