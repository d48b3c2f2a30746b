import { SipUri } from '@switchhook/sip';
import type { FlowDescription, FlowElement } from '../oracle/flow-schema.ts';
import { readOracle } from '../oracle/oracle.ts';

/** Who takes part in a flow, and what it takes to play him. */
export interface Part {
  readonly element: string;
  readonly kind: 'phone' | 'exchange' | 'server';
  /** The user part of his address of record. Several may have one: the phones of one person. */
  readonly user: string;
  readonly domain: string;
  /** The name of his machine. */
  readonly host: string;
  /** Whether he has a password at the exchange, and registers with it. */
  readonly isSubscriber: boolean;
  /** Whether others come to him without the exchange. */
  readonly isReachable: boolean;
  /** How many stand before him in the ladder: what his address is made of. */
  readonly place: number;
}

const casts = new WeakMap<FlowDescription, Map<string, Cast>>();

/** Those who take part in a flow, and where each finds the others. Where the ladder shows no proxy, there is none. */
export class Cast {
  readonly parts: readonly Part[];
  readonly #flow: FlowDescription;
  readonly #exchange: Part | undefined;
  #named: readonly Pick<Part, 'element' | 'user' | 'domain'>[] | undefined = undefined;
  #domains: readonly string[] | undefined = undefined;

  /** `others` have phones, too, although the ladder does not show them. */
  private constructor(flow: FlowDescription, others: readonly string[]) {
    this.#flow = flow;
    this.parts = [...flow.elements, ...others.map(unseen)].map((element, place) => this.#part(element, place));
    this.#exchange = this.parts.find(({ kind }) => kind === 'exchange');
  }

  /** The cast of a flow, made once: it is the same in every play. */
  static of(flow: FlowDescription, others: readonly string[] = []): Cast {
    const known = casts.get(flow) ?? new Map<string, Cast>();
    casts.set(flow, known);
    const key = others.join();
    const cast = known.get(key) ?? new Cast(flow, others);
    known.set(key, cast);
    return cast;
  }

  /** Whether the ladder shows somebody. */
  isShown(element: string): boolean {
    return this.#flow.elements.some(({ id }) => id === element);
  }

  get phones(): readonly Part[] {
    return this.parts.filter(({ kind }) => kind === 'phone');
  }

  get subscribers(): readonly Part[] {
    return this.parts.filter(({ isSubscriber }) => isSubscriber);
  }

  /** Who talks to whom when the ladder ends. */
  get standing(): readonly (readonly [string, string])[] {
    return this.#flow.dialogs
      .filter(({ type, confirmedBy, endedBy }) => type === 'invite' && confirmedBy !== null && endedBy === null)
      .map(({ between }) => between);
  }

  /** The machines that exchanges are on: the one of the ladder, and those of servers. */
  get houses(): readonly Part[] {
    return this.parts.filter(({ kind }) => kind !== 'phone');
  }

  /** Who plays something to others, and is told by that from people. */
  get server(): string | undefined {
    return this.parts.find(({ kind }) => kind === 'server')?.element;
  }

  /** The domains that an exchange serves. */
  domainsOf({ kind, domain }: Part): readonly string[] {
    return kind === 'server' ? [domain] : this.domains;
  }

  /** Domains that the exchange serves. */
  get domains(): readonly string[] {
    this.#domains ??= [...new Set([...this.subscribers, ...this.#absent()].map(({ domain }) => domain))];
    return this.#domains;
  }

  /** Whom the flow names without giving him a line of his own: who is forwarded, or has several phones. */
  #absent(): readonly Pick<Part, 'element' | 'user' | 'domain'>[] {
    this.#named ??= this.#findAbsent();
    return this.#named;
  }

  #findAbsent(): readonly Pick<Part, 'element' | 'user' | 'domain'>[] {
    const named = this.#flow.messages.map(({ expect }) => expect.requestUri?.aor).filter((name) => name !== undefined);
    return [...new Set(named)]
      .filter((name) => !this.parts.some(({ element }) => element === name))
      .map((name) => ({ element: name, ...homeOf(addressOfRecordOf(name)) }));
  }

  /** Everybody who has a password at the exchange: those with phones, and those who are only called. */
  accountsAt({ kind }: Part): readonly Pick<Part, 'element' | 'user' | 'domain'>[] {
    if (kind === 'server') return this.phones;
    const absent = this.#absent();
    const others = this.subscribers.filter(({ user }) => !absent.some((each) => each.user === user));
    return [...absent, ...others];
  }

  part(element: string): Part {
    const part = this.parts.find((each) => each.element === element);
    if (part === undefined) throw new RangeError(`nobody plays ${element} in ${this.#flow.id}`);
    return part;
  }

  /** What others call: `sips:bob@biloxi.example.com`. */
  addressOfRecord(name: string, isSecure: boolean): string {
    const { user, domain } =
      [...this.parts, ...this.#absent()].find(({ element }) => element === name) ?? this.part(name);
    return `${isSecure ? 'sips' : 'sip'}:${user}@${domain}`;
  }

  /** Everybody whom the flow names, with what they are called by. */
  names(): readonly string[] {
    return [...this.parts, ...this.#absent()].map(({ element }) => element);
  }

  /** Whose machine an address means to somebody. */
  find({ host, user }: Pick<SipUri, 'host' | 'user'>, by: Part): Part | undefined {
    const own = this.parts.find((part) => part.domain === host && part.user === user && this.reaches(by, part));
    const machine = this.parts.find((part) => part.host === host);
    return own ?? machine ?? (this.domains.includes(host) ? this.#exchange : undefined);
  }

  /** Whether somebody calls a phone with nobody between them, though there is a proxy. */
  callsPastProxy(by: Part): boolean {
    return this.#exchange !== undefined && this.phones.some((other) => this.reaches(by, other));
  }

  /** Whether the ladder has one send requests to the other with nobody between them. */
  reaches(by: Part, other: Part): boolean {
    if (this.#exchange === undefined || other.kind === 'server') return true;
    return this.#flow.messages.some(
      ({ kind, from, to }) => kind === 'request' && from === by.element && to === other.element,
    );
  }

  #part({ id, role, aor, aorOf, host = '' }: FlowElement, place: number): Part {
    const { elements } = this.#flow;
    const hasExchange = elements.some((element) => element.role === 'proxy');
    const kind = role === 'proxy' ? 'exchange' : role.endsWith('-server') ? 'server' : 'phone';
    const person = kind === 'exchange' ? { user: '', domain: '' } : homeOf(aor ?? addressOfRecordOf(aorOf ?? id));
    // Of several phones that somebody has, the first is his, and the others have addresses that he gives as places to find him at.
    const isFirst = aorOf === undefined || elements.find((element) => element.aorOf === aorOf)?.id === id;
    // A server serves those of its own domain.
    const server = elements.find((element) => element.role === 'music-server' || element.role === 'park-server');
    const domain = server?.host ?? person.domain;
    const home = { user: isFirst ? person.user : id, domain };
    const isCalled = this.#flow.messages.some(
      ({ kind: type, method, from, to }) =>
        type === 'request' && method === 'INVITE' && to === id && isPhone(this.#flow, from),
    );
    return {
      element: id,
      kind,
      ...home,
      host,
      isSubscriber: hasExchange && role === 'ua',
      isReachable: !hasExchange || role !== 'ua' || isCalled,
      place,
    };
  }
}

/** Somebody of whom the RFC knows nothing. */
function unseen(id: string): FlowElement {
  const domain = `${id}.example.com`;
  return { id, name: id, role: 'ua', aor: `sips:${id}@${domain}`, host: `client.${domain}` };
}

function isPhone({ elements }: FlowDescription, element: string): boolean {
  return elements.find(({ id }) => id === element)?.role === 'ua';
}

/** A machine that has no user part calls itself by its first name. */
function homeOf(addressOfRecord: string): { readonly user: string; readonly domain: string } {
  const uri = SipUri.parse(addressOfRecord);
  if (!(uri instanceof SipUri)) throw new RangeError(`not an address of record: ${addressOfRecord}`);
  return { user: uri.user ?? uri.host.split('.')[0] ?? '', domain: uri.host };
}

/** The address that somebody has in the other flows of the RFC. */
function addressOfRecordOf(name: string): string {
  const elements = readOracle().flows.flatMap((flow) => flow.elements);
  const aor = elements.find(({ id, aor: address }) => id === name && address !== undefined)?.aor;
  if (aor === undefined) throw new RangeError(`RFC 5359 gives ${name} no address`);
  return aor;
}
