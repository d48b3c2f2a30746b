import { SipUri, SyntaxFault, Via, whenKnown } from '@switchhook/sip';
import type {
  CallPlan,
  Destination,
  Flow,
  GruuResolution,
  ProxyPolicy,
  Registrar,
  RejectPlan,
  RoutingFacts,
  Sender,
  SipRequest,
  Uri,
} from '@switchhook/sip';
import type { RegisteredContacts } from '../registered-contacts.ts';
import type { Account } from '../subscribers/account.ts';
import type { Access, Caller, Refusal, Registrant } from './access.ts';
import type { Domains, OurAddress } from './domains.ts';
import type { OwnAddress } from './own-address.ts';
import type { Question, ServiceEvent } from './call.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { GatewayPlaces } from './gateway-places.ts';
import { numberOf } from './gateways.ts';
import { divertersOf } from './history.ts';
import { explainPlan } from './explain.ts';
import { imaginedCall } from './imagined-call.ts';
import type { Reach } from './reach.ts';
import { isForRegistrations, refusalWithin, route } from './route.ts';
import type { Directory } from './route.ts';
import { trim } from './trim.ts';
import type { Trim } from './trim.ts';

/** What the policy is made of. */
export interface PolicyParts {
  readonly domains: Domains;
  readonly access: Pick<Access, 'caller' | 'referrer' | 'registrant'>;
  readonly ownAddress: OwnAddress;
  readonly directory: Directory;
  /** Whose telephone has registered an address. */
  readonly contacts: Pick<RegisteredContacts, 'find' | 'ownersOf'>;
  readonly registrar: Pick<Registrar, 'handle' | 'resolveGruu'>;
  /** Hears of each INVITE outside a dialog, as soon as it is known who sent it. */
  readonly onCall: (request: SipRequest, flow: Flow, caller: Caller) => void;
  /** Hears whose phone has taken a call, by address of record. */
  readonly onAnswer: (request: SipRequest, addressOfRecord: string) => void;
  readonly reach: Pick<Reach, 'mayReach' | 'heard'>;
  readonly gateways: Pick<GatewayPlaces, 'has'>;
  /** Counts what services do. */
  readonly count: (service: ServiceEvent) => void;
  /** Whether many are behind an address, so that it has not the share of one. */
  readonly isSharedSource?: ((address: string) => boolean) | undefined;
  /** Milliseconds since 1970, for schedules. */
  readonly now: () => number;
}

/** The decisions of the exchange: who sent this, may he, and where does it go. */
export class ExchangePolicy implements ProxyPolicy {
  readonly #parts: PolicyParts;

  constructor(parts: PolicyParts) {
    this.#parts = parts;
  }

  isOurDomain(host: string): boolean {
    return this.#parts.domains.nameOf(host) !== undefined;
  }

  plan(request: SipRequest, flow: Flow, facts: RoutingFacts): CallPlan | Promise<CallPlan> {
    const { domains, access, onCall, reach } = this.#parts;
    reach.heard(flow);
    const uri = request.requestUri;
    if (uri instanceof SyntaxFault) return { kind: 'reject', status: uri.status, stateless: true };
    const address = domains.reached(uri);
    if (request.method === 'REGISTER' && address !== undefined && facts.route.length === 0) {
      return whenKnown(access.registrant(request, flow, address.domain), (registrant) => this.#register(registrant));
    }
    // Whoever sent it, it goes no further; who forwarded it has not the password of the caller to say who he is.
    if (isLoop(request, address, domains)) {
      this.#parts.count('loop');
      return { kind: 'reject', status: 482, stateless: true };
    }
    return whenKnown(access.caller(request, flow, facts), (caller) => {
      if (caller.kind === 'refused') return caller.plan;
      if (request.method === 'INVITE' && request.toTag === undefined) onCall(request, flow, caller);
      const { now, count } = this.#parts;
      const isOurRealm = this.#isOurRealm;
      const plan = this.#route({ request, uri, route: facts.route, caller, address, isOurRealm, now, count });
      return caller.kind === 'participant' ? plan : whenKnown(plan, (each) => charged(each, caller));
    });
  }

  /**
   * Tells why a call of somebody, or of nobody who is known, would go where it would go at a time, in milliseconds since
   * 1970. Undefined when there is no such address.
   */
  explain(
    from: Account | undefined,
    to: Uri | SyntaxFault,
    at: number,
  ): readonly string[] | undefined | Promise<readonly string[]> {
    const question = this.#imagined(from, to, at);
    return question && explainPlan((note) => this.#route({ ...question, note }));
  }

  #imagined(from: Account | undefined, to: Uri | SyntaxFault, at: number): Question | undefined {
    const request = to instanceof SyntaxFault ? undefined : imaginedCall(from, to);
    if (request === undefined || to instanceof SyntaxFault) return undefined;
    const caller: Caller = from === undefined ? { kind: 'stranger' } : { kind: 'subscriber', ...from };
    const address = this.#parts.domains.reached(to);
    return { request, uri: to, route: [], caller, address, isOurRealm: this.#isOurRealm, now: () => at };
  }

  ownerOf({ id }: Flow): string | undefined {
    const owners = this.#parts.contacts.ownersOf(id);
    const [owner] = owners;
    return owners.size === 1 ? owner : undefined;
  }

  flowOf(contact: SipUri, isOwner: (addressOfRecord: string) => boolean): Flow | undefined {
    const { contacts, directory } = this.#parts;
    const bindings = contacts.find(contact, isOwner)?.bindings ?? [];
    return bindings
      .toSorted((one, other) => other.updatedAt - one.updatedAt)
      .map(({ flow }) => (flow === undefined ? undefined : directory.flow(flow)))
      .find((flow) => flow !== undefined);
  }

  isEmergency({ method, requestUri }: SipRequest): boolean {
    if (method !== 'INVITE' || requestUri instanceof SyntaxFault) return false;
    const { domains, directory } = this.#parts;
    const number = numberOf(requestUri, domains.reached(requestUri), directory);
    return number !== undefined && directory.isEmergency(number);
  }

  isSharedSource(address: string): boolean {
    return this.#parts.isSharedSource?.(address) ?? false;
  }

  isGateway({ remote }: Flow): boolean {
    return this.#parts.gateways.has(remote);
  }

  mayReach(destination: Destination, sender: Sender): boolean {
    const isReached = this.#parts.reach.mayReach(destination, sender);
    if (!isReached) this.#parts.count('out of reach');
    return isReached;
  }

  answered(request: SipRequest, owner: string): void {
    this.#parts.onAnswer(request, owner);
  }

  refusalWithin(request: SipRequest, flow: Flow): RejectPlan | undefined | Promise<RejectPlan | undefined> {
    const uri = request.requestUri;
    if (request.method !== 'REFER' || uri instanceof SyntaxFault) return undefined;
    const { access, directory, now, count } = this.#parts;
    return whenKnown(access.referrer(request, flow), (caller) => {
      if (caller.kind === 'refused') return caller.plan;
      const isOurRealm = this.#isOurRealm;
      const question = { request, uri, route: [], caller, address: undefined, isOurRealm, now, count };
      return refusalWithin(question, directory);
    });
  }

  passing(request: SipRequest): Trim {
    return trim(request, this.#isOurRealm);
  }

  readonly #isOurRealm = (realm: string): boolean => this.#parts.domains.nameOf(realm) === realm;

  #register(registrant: Registrant | Refusal): CallPlan {
    if (registrant.kind === 'refused') return registrant.plan;
    const { registrar } = this.#parts;
    const { identity } = registrant;
    return {
      kind: 'serve',
      server: { serve: (transaction) => registrar.handle(transaction, identity) },
      account: addressOfRecord(identity.username, identity.realm),
    };
  }

  #route(question: Question): CallPlan | Promise<CallPlan> {
    const { ownAddress, directory, registrar } = this.#parts;
    const { request, uri, address, note } = question;
    const isSentOn = question.route.length > 0;
    const contact = address === undefined && !isSentOn ? this.#contact(question) : undefined;
    if (contact !== undefined) return route({ ...question, ...contact }, directory);
    if (address === undefined) return route(question, directory);
    if (address.user === undefined && !isSentOn && !isForRegistrations(request)) {
      note?.('that is the exchange itself');
      return ownAddress.plan(request);
    }
    const gruu = uri instanceof SipUri ? registrar.resolveGruu(uri) : undefined;
    if (gruu === undefined) return route(question, directory);
    return whenKnown<GruuResolution, CallPlan>(gruu, (resolution) =>
      resolution.kind === 'unknown'
        ? { kind: 'reject', status: 404 }
        : route({ ...question, instance: resolution.kind === 'bound' ? resolution.bindings : [] }, directory),
    );
  }

  /** What is addressed to the contact of a telephone, as an instance is that has no GRUU. */
  #contact({ uri, caller, request }: Question): Pick<Question, 'address' | 'instance'> | undefined {
    const { contacts, domains } = this.#parts;
    if (caller.kind === 'stranger' && request.method === 'INVITE') {
      return hasBeenHere(request, domains) ? undefined : this.#owner(uri);
    }
    const found = uri instanceof SipUri && caller.kind === 'subscriber' ? contacts.find(uri) : undefined;
    const owner = found === undefined ? undefined : SipUri.parse(found.addressOfRecord);
    if (found === undefined || !(owner instanceof SipUri)) return undefined;
    return { address: domains.ours(owner), instance: found.bindings };
  }

  /** A stranger whom a telephone has sent here (305), whatever he called it, calls its owner, with all that he has set. */
  #owner(uri: Uri): Pick<Question, 'address'> | undefined {
    const [owner, ...others] = this.#parts.directory.ownersAt(uri);
    return owner === undefined || others.length > 0 ? undefined : { address: owner };
  }
}

/** Whether it has come back, as from a contact that leads to us under another name: that is no telephone that sent it here. */
function hasBeenHere(request: SipRequest, domains: Domains): boolean {
  const vias = request.all(Via);
  if (vias instanceof SyntaxFault) return false;
  return vias.some(({ host, port }) => domains.domainAt(host, port) !== undefined);
}

/** Whether a call has come back to somebody who has sent it on before, by way of others. */
function isLoop(request: SipRequest, address: OurAddress | undefined, domains: Domains): boolean {
  if (address?.user === undefined || request.method !== 'INVITE' || request.toTag !== undefined) return false;
  const diverters = divertersOf(request, (uri) => domains.reached(uri));
  return diverters.length > 0 && diverters.includes(addressOfRecord(address.user, address.domain));
}

/**
 * What is kept for a request counts against the subscriber who has proved himself. For a stranger it counts against the
 * address, which may not be his: so what ends there is told once, and not kept (RFC 3261 26.3.2.4).
 */
function charged(plan: CallPlan, caller: Exclude<Caller, { kind: 'participant' }>): CallPlan {
  if (plan.kind === 'reject') return caller.kind === 'stranger' ? { ...plan, stateless: true } : plan;
  return caller.kind === 'subscriber' ? { ...plan, account: addressOfRecord(caller.user, caller.domain) } : plan;
}
