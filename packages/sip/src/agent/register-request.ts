import { SequenceNumbers } from '../dialog/sequence-numbers.ts';
import { MinExpires } from '../message/headers/min-expires.ts';
import { SipRequest } from '../message/message.ts';
import type { SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { Flow, SocketAddress } from '../transport/contract.ts';
import { ownContact } from './own-contact.ts';
import type { RegistrationFlowOwner } from './registration-flow.ts';

/** Registrars may ask for more than was asked of them, up to a day. */
const longestMinimum = 86_400;

/** What the REGISTERs of one flow say (RFC 3261 10.2, RFC 5626 4.2), and what their answers make of it. */
export class RegisterRequest {
  readonly sequence = new SequenceNumbers();
  /** Seconds to ask for. */
  expires: number;
  /** The contact that was sent last. */
  contact: SipUri | undefined = undefined;
  /** The contact that the registrar has. */
  bound: SipUri | undefined = undefined;
  /** Where the registrar sees this side, while that matters to the Contact. */
  seenAs: SocketAddress | undefined = undefined;
  readonly #owner: RegistrationFlowOwner;
  readonly #regId: number;
  readonly #callId: string;
  readonly #fromTag: string;
  #wantsOutbound = true;

  constructor(owner: RegistrationFlowOwner, regId: number, expires: number) {
    const { random } = owner.core.context;
    this.#owner = owner;
    this.#regId = regId;
    this.expires = expires;
    this.#callId = random.token();
    this.#fromTag = random.token();
  }

  /** Undefined where the first hop knows no outbound. */
  get regId(): number | undefined {
    return this.#wantsOutbound ? this.#regId : undefined;
  }

  /** Without its Contact; 0 seconds remove the binding. */
  create(expires: number): SipRequest {
    const { core, headers } = this.#owner;
    const { address } = core;
    const domain = address.uri instanceof SipUri ? address.uri : undefined;
    return SipRequest.create({
      method: 'REGISTER',
      requestUri: domain?.with({ user: undefined, password: undefined, parameters: {}, headers: [] }) ?? address.uri,
      headers: [
        ['Max-Forwards', '70'],
        ['From', address.with({ parameters: { tag: this.#fromTag } }).toString()],
        ['To', address.with({ parameters: {} }).toString()],
        ['Call-ID', this.#callId],
        ['CSeq', `${String(this.sequence.next())} REGISTER`],
        ['Expires', String(expires)],
        ...headers,
      ],
    });
  }

  /** The value of Contact over that flow. `isOutbound` is false once the registrar has said nothing of outbound. */
  contactFor(flow: Flow, expires: number, isOutbound: boolean): string {
    const { core, user, instanceId, features } = this.#owner;
    const secure = isSecure(core.address.uri);
    const outbound = this.#wantsOutbound && isOutbound;
    const uri = ownContact({ user, flow, secure, seenAs: outbound ? undefined : this.seenAs, outbound });
    this.contact = uri;
    const own = NameAddr.of({
      uri,
      parameters: { '+sip.instance': `<${instanceId}>`, 'reg-id': this.regId, ...features },
    }).toString();
    const old = this.bound;
    // Without RFC 5626 the registrar does not know that the new contact is the same phone.
    if (expires === 0 || outbound || old === undefined || old.equals(uri)) return own;
    return `${own}, <${old.toString()}>;expires=0`;
  }

  /** Whether there is something to do about a failure at once: then the next request does it. */
  change(response: SipResponse): boolean {
    if (response.status === 423) {
      const minimum = response.get(MinExpires);
      if (typeof minimum !== 'number' || minimum <= this.expires || minimum > longestMinimum) return false;
      this.expires = minimum;
      return true;
    }
    // RFC 5626 4.2.1 and 11.6: the first hop does not know outbound, so this goes without.
    if (response.status !== 439 || !this.#wantsOutbound) return false;
    this.#wantsOutbound = false;
    return true;
  }
}
