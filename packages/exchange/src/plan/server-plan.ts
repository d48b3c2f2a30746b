import { headerField, NameAddr, PAssertedIdentity, SipUri } from '@switchhook/sip';
import type { CallPlan, Destination } from '@switchhook/sip';
import type { Question } from './call.ts';
import { trim } from './trim.ts';

/** The servers that live in the exchange, as routing sees them. */
export interface ServerDirectory {
  /** Where the server is that an address leads to. */
  find(user: string, domain: string): Destination | undefined;
}

/** To a server of the exchange, who hears from us who calls (RFC 3325); whom it serves is its own business. */
export function planOfServer({ request, uri, caller, isOurRealm }: Question, destination: Destination): CallPlan {
  const headers =
    caller.kind === 'subscriber' ? [headerField(PAssertedIdentity, NameAddr.of({ uri: addressOf(caller) }))] : [];
  return { kind: 'ring', stages: [{ targets: [{ uri, destination, headers }] }], ...trim(request, isOurRealm) };
}

function addressOf({ user, domain }: { readonly user: string; readonly domain: string }): SipUri {
  return SipUri.of({ scheme: 'sip', user, host: domain });
}
