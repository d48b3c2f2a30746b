import type { SipContext } from '../context.ts';
import { SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import type { Flow } from '../transport/contract.ts';
import type { ProxyPolicy } from './call-plan.ts';
import { KeyedHash } from '../keyed-hash.ts';
import type { ProxyTransports } from './layers.ts';

/** Between the parts of a name: allowed in the user part of a URI, and not in an address or a number. */
const SEPARATOR = '!';
/** 96 bits of the HMAC, in hexadecimal. */
const AUTHENTICATOR_LENGTH = 24;

/** Whether the user part of a URI is a flow token. */
export function isFlowToken(user: string): boolean {
  return user.startsWith('c!') || user.startsWith('u!');
}

/** Who knows whose phones have opened which connections. */
export type FlowOwners = Pick<ProxyPolicy, 'ownerOf' | 'flowOf'>;

/**
 * Names of flows, for the far end to carry in a Route header field. The name of a connection means something within
 * this process only; that of a pair of UDP addresses spells the far address out, and so survives a restart. Where it is known
 * whose phone has opened a connection the name tells that, too, to this proxy alone: when the connection has ended, the one by
 * which the very contact has been registered since, for the very address of record, takes its place. A name
 * proves nothing: in a Record-Route value the mark of the call protects it, in a Path value it becomes a flow token
 * (RFC 5626 5.2), which nobody can forge. Nothing is remembered about either.
 */
export class FlowTokens {
  readonly #context: SipContext;
  readonly #transports: ProxyTransports;
  readonly #secret: string;
  readonly #process: string;
  readonly #owners: FlowOwners;
  readonly #ownerHash: KeyedHash;

  constructor(context: SipContext, transports: ProxyTransports, secret: string, owners: FlowOwners) {
    this.#context = context;
    this.#transports = transports;
    this.#secret = secret;
    this.#process = context.random.token();
    this.#owners = owners;
    this.#ownerHash = KeyedHash.of(context, secret, 'flow owner');
  }

  name(flow: Flow): string {
    const { id, reliable } = flow;
    const { address, port } = flow.remote;
    const number = id.toString(36);
    const owner = reliable ? this.#owners.ownerOf?.(flow) : undefined;
    const ofOwner = owner === undefined ? '' : SEPARATOR + this.#ownerHash.token(owner);
    return reliable
      ? `c!${this.#process}!${number}${ofOwner}`
      : `u!${address.includes(':') ? address.replaceAll(':', '_') : address}!${String(port)}!${number}`;
  }

  /** The flow of a name of this proxy; undefined when it has ended. */
  find(name: string): Flow | undefined {
    const [kind, first = '', second = '', third = ''] = name.split(SEPARATOR);
    if (kind === 'c') return first === this.#process ? this.#transports.flow(Number.parseInt(second, 36)) : undefined;
    const address = first.replaceAll('_', ':');
    const port = Number(second);
    const known = this.#transports.flow(Number.parseInt(third, 36));
    if (known?.reliable === false && known.remote.port === port && known.remote.address === address) return known;
    const flow = this.#transports.flowTo({ protocol: 'UDP', address, port });
    return 'send' in flow ? flow : undefined;
  }

  /** What has taken the place of the flow of that name, which has ended, on the way to a contact. */
  findAnew(name: string, contact: Uri): Flow | undefined {
    const [kind, , , owner] = name.split(SEPARATOR);
    if (kind !== 'c' || owner === undefined || !(contact instanceof SipUri)) return undefined;
    return this.#owners.flowOf?.(contact, (addressOfRecord) => this.#ownerHash.token(addressOfRecord) === owner);
  }

  /** The flow token of RFC 5626 5.2: good for any request, so only the registrar may get to know it. */
  token(flow: Flow): string {
    const name = this.name(flow);
    return name + SEPARATOR + this.#authenticator(name);
  }

  /** The name in a token; undefined when this proxy never made it. */
  nameIn(token: string): string | undefined {
    const end = token.lastIndexOf(SEPARATOR);
    const name = token.slice(0, end);
    return token.slice(end + 1) === this.#authenticator(name) ? name : undefined;
  }

  #authenticator(name: string): string {
    return this.#context.hashes.hmac(this.#secret, `flow ${name}`).slice(0, AUTHENTICATOR_LENGTH);
  }
}
