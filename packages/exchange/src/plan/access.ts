import { From, NameAddr, PPreferredIdentity, SipUri, sourceNetwork, SyntaxFault, To, whenKnown } from '@switchhook/sip';
import type {
  DigestVerifier,
  Flow,
  HeaderInit,
  RegistrantIdentity,
  RejectPlan,
  RoutingFacts,
  SipRequest,
  Verification,
} from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { CertificateProof } from './certificate-proof.ts';
import type { Domains, OurAddress } from './domains.ts';

/** Proved to be who From says, or P-Preferred-Identity where that hides him. */
interface SubscriberCaller extends Account {
  readonly kind: 'subscriber';
}

/** On whose behalf a request is routed. */
export type Caller =
  | SubscriberCaller
  /**
   * Takes part in a dialog that was let through before. With an account where it matters which of ours that is: whoever
   * refers somebody answers for it.
   */
  | { readonly kind: 'participant'; readonly account?: Account }
  /** Claims none of our domains, and has proved nothing. */
  | { readonly kind: 'stranger' };

/** Somebody who may register; the registrar judges for which address. */
export interface Registrant {
  readonly kind: 'registrant';
  readonly identity: RegistrantIdentity;
}

/** A request that goes no further. */
export interface Refusal {
  readonly kind: 'refused';
  readonly plan: RejectPlan;
}

type Certificates = Pick<CertificateProof, 'prove' | 'owner'>;

const stranger: Caller = { kind: 'stranger' };
const participant: Caller = { kind: 'participant' };

/** Decides who sent a request: whatever claims one of our domains has to prove it. */
export class Access {
  readonly #domains: Domains;
  readonly #verifier: DigestVerifier;
  readonly #certificates: Certificates;
  readonly #registered: (flow: Flow) => ReadonlySet<string>;

  constructor(
    domains: Domains,
    verifier: DigestVerifier,
    certificates: Certificates = { prove: () => undefined, owner: () => undefined },
    registered: (flow: Flow) => ReadonlySet<string> = () => new Set(),
  ) {
    this.#domains = domains;
    this.#verifier = verifier;
    this.#certificates = certificates;
    this.#registered = registered;
  }

  /** The caller of any request but a REGISTER to us. */
  caller(request: SipRequest, flow: Flow, facts: RoutingFacts): Caller | Refusal | Promise<Caller | Refusal> {
    if (facts.vouched) return request.method === 'REFER' ? this.referrer(request, flow) : participant;
    // Nobody can answer a challenge to an ACK (RFC 3261 22.1); the layers below never bring a CANCEL.
    if (request.method === 'ACK') return stranger;
    const from = request.get(From);
    if (from === undefined || from instanceof SyntaxFault) return refused(400, 'From cannot be read');
    const claimed = this.#domains.claimed(from.uri) ?? this.#preferred(request);
    if (claimed === undefined) {
      // Who hides his name in From is known all the same by his certificate.
      const owner = this.#certificates.owner(flow);
      return owner === undefined ? stranger : { kind: 'subscriber', ...owner };
    }
    const certified = this.#certificates.prove(flow, claimed);
    if (certified !== undefined) return { kind: 'subscriber', ...certified };
    return this.#digested(request, flow, claimed);
  }

  /**
   * Who refers somebody within a dialog. That the request belongs there is proved; whose it is shows by the connection over
   * which he has registered, else he is asked for his password as for a REFER that begins something.
   */
  referrer(request: SipRequest, flow: Flow): Caller | Refusal | Promise<Caller | Refusal> {
    const owners = this.#registered(flow);
    const from = request.get(From);
    const claimed = from instanceof NameAddr ? this.#domains.claimed(from.uri) : undefined;
    if (claimed === undefined) {
      // Somebody of another domain; or somebody of ours who says so.
      const [owner] = owners.size === 1 ? owners : [];
      const account = owner === undefined ? undefined : this.#accountAt(owner);
      return account === undefined ? participant : { kind: 'participant', account };
    }
    const { user, domain } = claimed;
    if (user !== undefined && owners.has(addressOfRecord(user, domain))) {
      return { kind: 'participant', account: { user, domain } };
    }
    const certified = this.#certificates.prove(flow, claimed);
    if (certified !== undefined) return { kind: 'participant', account: certified };
    return whenKnown(this.#digested(request, flow, claimed), (caller) =>
      caller.kind === 'refused'
        ? caller
        : { kind: 'participant', account: { user: caller.user, domain: caller.domain } },
    );
  }

  /** Whom somebody wants to be known as here, and here alone, who hides his name in From (RFC 3325 9.2). */
  #preferred(request: SipRequest): OurAddress | undefined {
    const preferred = request.has(PPreferredIdentity) ? request.get(PPreferredIdentity) : undefined;
    return preferred instanceof NameAddr ? this.#domains.claimed(preferred.uri) : undefined;
  }

  #digested(
    request: SipRequest,
    flow: Flow,
    claimed: OurAddress,
  ): SubscriberCaller | Refusal | Promise<SubscriberCaller | Refusal> {
    const scope = { realm: claimed.domain, role: 'proxy', source: sourceNetwork(flow.remote.address) } as const;
    return whenKnown(this.#verifier.verify(request, scope), (verification) => {
      if (verification.kind !== 'authenticated') return refusal(verification);
      const { username, realm } = verification;
      return claimed.user === username && claimed.domain === realm
        ? { kind: 'subscriber', user: username, domain: realm }
        : refused(403, 'Not The Authenticated User');
    });
  }

  #accountAt(owner: string): Account | undefined {
    const uri = SipUri.parse(owner);
    const { user, domain } = (uri instanceof SipUri ? this.#domains.ours(uri) : undefined) ?? {};
    return user === undefined || domain === undefined ? undefined : { user, domain };
  }

  /** Who sends a REGISTER to one of our domains (RFC 3261 10.3 step 3). */
  registrant(request: SipRequest, flow: Flow, realm: string): Registrant | Refusal | Promise<Registrant | Refusal> {
    const to = request.get(To);
    const claimed = to instanceof NameAddr ? this.#domains.ours(to.uri) : undefined;
    const certified = claimed?.domain === realm ? this.#certificates.prove(flow, claimed) : undefined;
    if (certified !== undefined) {
      return { kind: 'registrant', identity: { username: certified.user, realm } };
    }
    const scope = { realm, role: 'user-agent-server', source: sourceNetwork(flow.remote.address) } as const;
    return whenKnown(this.#verifier.verify(request, scope), (verification) =>
      verification.kind === 'authenticated' ? { kind: 'registrant', identity: verification } : refusal(verification),
    );
  }
}

/** Nothing was proved, so nothing is kept or repeated (RFC 3261 26.3.2.4). */
function refusal(verification: Exclude<Verification, { kind: 'authenticated' }>): Refusal {
  switch (verification.kind) {
    case 'challenge': {
      const { status, headers } = verification;
      return { kind: 'refused', plan: { kind: 'reject', status, headers, stateless: true } };
    }
    case 'forbidden': {
      const headers: HeaderInit[] = [['Retry-After', `${verification.retryAfter}`]];
      const plan = {
        kind: 'reject',
        status: 403,
        reason: 'Too Many Wrong Passwords',
        headers,
        stateless: true,
      } as const;
      return { kind: 'refused', plan };
    }
    case 'malformed':
      return refused(400, verification.reason);
  }
}

function refused(status: number, reason: string): Refusal {
  return { kind: 'refused', plan: { kind: 'reject', status, reason, stateless: true } };
}
