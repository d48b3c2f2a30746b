import type { Flow, Sender, SocketAddress } from '@switchhook/sip';
import { forgetOldest } from '../forget-oldest.ts';
import { placeAt } from '../place.ts';
import type { RegisteredContacts } from '../registered-contacts.ts';
import type { GatewayPlaces } from './gateway-places.ts';
import { inNetworks } from './networks.ts';

/** What is known of the places that requests may go to. */
export interface ReachParts {
  /** Addresses and networks that are open to all requests, as the configuration says. */
  readonly reachable: readonly string[];
  /** Addresses that our listeners have. */
  readonly ownHosts: Iterable<string>;
  /** Whether a listener is there for this machine alone: then all that is on loopback is open, too. */
  readonly servesMachine: boolean;
  /** Whether a listener of ours is there. */
  readonly isOurs: (address: string, port: number) => boolean;
  /** Whether a gateway is there. */
  readonly isGateway: (address: string, port: number) => boolean;
  readonly gateways: Pick<GatewayPlaces, 'has' | 'learn'>;
  /** Whether one of our servers, which live in the process, is at the far end. */
  readonly isServer: (flow: Origin) => boolean;
  readonly contacts: Pick<RegisteredContacts, 'isContact' | 'isSource' | 'ownersOf'>;
}

/** Methods that begin nothing, whoever takes them. */
const goingOn = new Set(['ACK', 'BYE', 'CANCEL', 'INFO', 'NOTIFY', 'OPTIONS', 'PRACK', 'UPDATE']);

/** As much of a flow as tells who is at its far end. */
type Origin = Pick<Flow, 'id' | 'remote'>;

/** Where an address is: on this machine or its link, in a network that the world does not reach, or anywhere. */
type Whereabouts = 'machine' | 'inside' | 'outside';

/** Special-purpose addresses (RFC 6890). */
const machine = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'ff00::/8',
];
const inside = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
const isMachine = inNetworks(machine);
const isInside = inNetworks(inside);
const isLoopback = inNetworks(['127.0.0.0/8', '::1']);

/** Addresses whose whereabouts are remembered, and places of others that have been spoken with. */
const remembered = 4_096;

/**
 * Where requests may be sent because of what they say. Who has an account, or is in a call, names any address; what is on the
 * exchange's own machine and in the networks behind it trusts that nobody but its neighbours can name it.
 */
export class Reach {
  readonly #parts: ReachParts;
  readonly #isReachable: (address: string) => boolean;
  readonly #ownHosts: ReadonlySet<string>;
  readonly #whereabouts = new Map<string, Whereabouts>();
  /** Places that requests have come from, or were let go to, the latest last. */
  readonly #met = new Set<string>();

  constructor(parts: ReachParts) {
    this.#parts = parts;
    this.#isReachable = inNetworks(parts.reachable) ?? (() => false);
    this.#ownHosts = new Set(parts.ownHosts);
  }

  mayReach(destination: SocketAddress, sender: Omit<Sender, 'source'> & { source: Origin }): boolean {
    const { source, vouched, withGateway, method, uri } = sender;
    const { gateways } = this.#parts;
    gateways.learn(uri, destination);
    // Whoever is in a call shows by his mark that he is, but not that it is one with the gateway, which may take him for a new caller.
    if (vouched && !withGateway && !goingOn.has(method) && gateways.has(destination)) return false;
    const whereabouts = this.#whereaboutsOf(destination);
    if (whereabouts === 'outside') return true;
    if (this.#met.has(placeAt(destination.address, destination.port))) return true;
    const { contacts, isGateway } = this.#parts;
    if (contacts.isSource(destination) || isGateway(destination.address, destination.port)) return true;
    if (whereabouts === 'machine') return false;
    // What begins a dialog has been decided about: its sender has an account, or whom he calls has.
    if (vouched && !this.#isPhone(source) && !contacts.isContact(destination)) return false;
    this.#meet(destination);
    return true;
  }

  /** A request that begins something has come over a flow: whoever is there speaks SIP. */
  heard(flow: Origin): void {
    const { remote } = flow;
    if (this.#whereaboutsOf(remote) !== 'outside' && !this.#parts.isServer(flow)) this.#meet(remote);
  }

  /** Whether a flow is that of a subscriber's telephone, or of a server of ours. */
  #isPhone(flow: Origin): boolean {
    const { contacts, isServer } = this.#parts;
    return contacts.ownersOf(flow.id).size > 0 || contacts.isSource(flow.remote) || isServer(flow);
  }

  #whereaboutsOf({ address, port }: SocketAddress): Whereabouts {
    let found = this.#whereabouts.get(address);
    if (found === undefined) {
      if (this.#whereabouts.size >= remembered) this.#whereabouts.clear();
      found = this.#lookAt(address);
      this.#whereabouts.set(address, found);
    }
    return found === 'machine' && this.#ownHosts.has(address) && this.#parts.isOurs(address, port) ? 'outside' : found;
  }

  #lookAt(address: string): Whereabouts {
    if (this.#isReachable(address)) return 'outside';
    if (this.#parts.servesMachine && isLoopback?.(address) === true) return 'outside';
    if (isMachine?.(address) === true || this.#ownHosts.has(address)) return 'machine';
    return isInside?.(address) === true ? 'inside' : 'outside';
  }

  #meet({ address, port }: SocketAddress): void {
    const place = placeAt(address, port);
    this.#met.delete(place);
    this.#met.add(place);
    forgetOldest(this.#met, remembered);
  }
}
