import type { SipContext } from '../context.ts';
import { KeyedHash } from './keyed-hash.ts';

/** Between the mark of the call and the flow token. */
const SEPARATOR = '*';

/**
 * The user part of this proxy's Record-Route URIs: a mark that only this proxy can make and that is good for one Call-ID,
 * and behind it the flow token, when there is one. The mark tells a request of a dialog that was let through from
 * one that merely has a To tag, so that nobody is relayed because of a Route header field he thought up himself, and it
 * tells a Request-URI that a strict router bent (RFC 3261 16.4) from one that only looks like ours.
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

  /** The user part for a call. */
  user(callId: string, flowToken: string | undefined): string {
    const mark = this.#hash.token(callId);
    return flowToken === undefined ? mark : mark + SEPARATOR + flowToken;
  }

  /** Whether the user part of a URI that came back carries the mark of this call. */
  vouches(user: string | undefined, callId: string): boolean {
    if (user === undefined) return false;
    const end = user.indexOf(SEPARATOR);
    return (end < 0 ? user : user.slice(0, end)) === this.#hash.token(callId);
  }

  /** The flow token in a user part: of a Record-Route value behind the mark, of a Path value the whole. */
  flowToken(user: string | undefined): string | undefined {
    if (user === undefined) return undefined;
    if (user.startsWith('c!') || user.startsWith('u!')) return user;
    const start = user.indexOf(SEPARATOR);
    return start < 0 ? undefined : user.slice(start + 1);
  }
}
