import type { SipContext } from '../context.ts';
import type { SipRequest } from '../message/message.ts';
import { KeyedHash } from './keyed-hash.ts';

/** Between the mark of the call and the name of the flow. */
const SEPARATOR = '*';

/**
 * The user part of this proxy's Record-Route URIs: a mark that only this proxy can make and that is good for one call
 * (Call-ID and the tag of its caller), and behind it the name of the flow, when there is one, which the mark covers.
 * The mark tells a request of a dialog that was let through from one that merely has a To tag, so that nobody is relayed
 * because of a Route header field he thought up himself or has from another call, and it tells a Request-URI that a
 * strict router bent (RFC 3261 16.4) from one that only looks like ours.
 */
export class RouteMarks {
  readonly #hash: KeyedHash;

  /** A secret that outlives the process lets the dialogs that stand go on after a restart. */
  constructor(context: SipContext, secret: string) {
    const digest = context.hashes.hmac(secret, 'record-route');
    this.#hash = new KeyedHash(
      Uint8Array.from({ length: 8 }, (_, at) => parseInt(digest.slice(at * 2, at * 2 + 2), 16)),
    );
  }

  /** The user part for the call that a request begins. */
  user({ callId, fromTag }: SipRequest, flowName: string | undefined): string {
    const mark = this.#mark(callId, fromTag, flowName ?? '');
    return flowName === undefined ? mark : mark + SEPARATOR + flowName;
  }

  /**
   * The name of the flow in the user part of a URI that came back with a request of the marked call, empty when there
   * is none; undefined when this is no mark of that call, or the request is not within a dialog of it.
   */
  read(user: string | undefined, { callId, fromTag, toTag }: SipRequest): string | undefined {
    if (user === undefined || toTag === undefined) return undefined;
    const end = user.indexOf(SEPARATOR);
    const mark = end < 0 ? user : user.slice(0, end);
    const flowName = end < 0 ? '' : user.slice(end + 1);
    const fits = mark === this.#mark(callId, fromTag, flowName) || mark === this.#mark(callId, toTag, flowName);
    return fits ? flowName : undefined;
  }

  #mark(callId: string, callerTag: string | undefined, flowName: string): string {
    return this.#hash.token(`${callId}\n${callerTag ?? ''}\n${flowName}`);
  }
}
