import type { SipContext } from '../context.ts';
import { Via } from '../message/headers/via.ts';
import type { SipRequest } from '../message/message.ts';
import { KeyedHash } from '../keyed-hash.ts';
import type { ProxyTransports } from './layers.ts';

/**
 * Loop detection (RFC 5393 4.2): the second part of the branch is a hash of all that steers where a request goes.
 * A request that comes back with the same hash loops; one that comes back changed is a spiral and passes.
 * The method stays out, for CANCEL and ACK share the branch of their INVITE, and so do credentials: a proxy takes those
 * that are meant for it out of what it forwards, so a request that loops never has them again.
 */
export class LoopDetection {
  readonly #hash: KeyedHash;
  readonly #transports: ProxyTransports;

  constructor(context: SipContext, transports: ProxyTransports) {
    this.#hash = new KeyedHash(context.random.bytes(8));
    this.#transports = transports;
  }

  /** The second part of the branch for a request as it was received. */
  secondPart(request: SipRequest, policyKey: string): string {
    const route = request.has('Route') ? request.rawAll('Route').join(',') : '';
    return this.#hash.token(
      `${request.requestUriText}\n${route}\n${request.callId}\n${String(request.cseqNumber)}\n` +
        `${request.fromTag ?? ''}\n${request.toTag ?? ''}\n${request.raw('Proxy-Require') ?? ''}\n` +
        policyKey,
    );
  }

  /** Whether a Via of this proxy carries the second part already: answer 482. */
  loops(request: SipRequest, secondPart: string): boolean {
    // Nearly every request ends here: only who has seen the hash can have it anywhere in a message.
    if (!request.text.includes(secondPart)) return false;
    const ending = `.${secondPart}`;
    for (const value of request.rawAll('Via')) {
      const via = Via.parse(value);
      if (!('branch' in via) || via.branch?.endsWith(ending) !== true) continue;
      if (this.#transports.isOurs(via.host, via.port)) return true;
    }
    return false;
  }
}
