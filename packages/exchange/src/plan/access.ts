import { From, SyntaxFault, To } from '@switchhook/sip';
import type { DigestVerifier, Flow, RejectPlan, RoutingFacts, SipRequest, Verification } from '@switchhook/sip';
import type { Domains, OurAddress } from './domains.ts';

/** On whose behalf a request is routed. */
export type Caller =
  /** Proved to be who From says. */
  | { readonly kind: 'subscriber'; readonly user: string; readonly domain: string }
  /** Takes part in a dialog that was let through before. */
  | { readonly kind: 'participant' }
  /** Claims none of our domains, and has proved nothing. */
  | { readonly kind: 'stranger' };

/** A request that goes no further. */
export interface Refusal {
  readonly kind: 'refused';
  readonly plan: RejectPlan;
}

/** Decides who sent a request: whatever claims one of our domains has to prove it. */
export class Access {
  readonly #domains: Domains;
  readonly #verifier: DigestVerifier;

  constructor(domains: Domains, verifier: DigestVerifier) {
    this.#domains = domains;
    this.#verifier = verifier;
  }

  /** The caller of any request but a REGISTER to us. */
  caller(request: SipRequest, flow: Flow, facts: RoutingFacts): Caller | Refusal | Promise<Caller | Refusal> {
    // Nobody can answer a challenge to an ACK (RFC 3261 22.1); the layers below never bring a CANCEL.
    if (facts.vouched || request.method === 'ACK') return { kind: 'participant' };
    const from = request.get(From);
    if (from === undefined || from instanceof SyntaxFault) return refused(400, 'From cannot be read');
    const claimed = this.#domains.ours(from.uri);
    return claimed === undefined ? { kind: 'stranger' } : this.#prove(request, flow, claimed, 'proxy', claimed.domain);
  }

  /** The subscriber who registers: only for his own address of record (RFC 3261 10.3 steps 3 and 4). */
  registrant(request: SipRequest, flow: Flow, realm: string): Caller | Refusal | Promise<Caller | Refusal> {
    const to = request.get(To);
    if (to === undefined || to instanceof SyntaxFault) return refused(400, 'To cannot be read');
    return this.#prove(request, flow, this.#domains.ours(to.uri), 'user-agent-server', realm);
  }

  #prove(
    request: SipRequest,
    flow: Flow,
    claimed: OurAddress | undefined,
    role: 'proxy' | 'user-agent-server',
    realm: string,
  ): Caller | Refusal | Promise<Caller | Refusal> {
    const scope = { realm, role, source: flow.remote.address };
    const verification = this.#verifier.verify(request, scope);
    return verification instanceof Promise
      ? verification.then((result) => judge(result, claimed))
      : judge(verification, claimed);
  }
}

function judge(verification: Verification, claimed: OurAddress | undefined): Caller | Refusal {
  switch (verification.kind) {
    case 'authenticated': {
      const { username, realm } = verification;
      if (claimed?.user !== username || claimed.domain !== realm) {
        return refused(403, 'Not The Authenticated User');
      }
      return { kind: 'subscriber', user: username, domain: realm };
    }
    case 'challenge':
      return { kind: 'refused', plan: { kind: 'reject', status: verification.status, headers: verification.headers } };
    case 'forbidden':
      return refused(403, 'Too Many Wrong Passwords');
    case 'malformed':
      return refused(400, verification.reason);
  }
}

function refused(status: number, reason: string): Refusal {
  return { kind: 'refused', plan: { kind: 'reject', status, reason } };
}
