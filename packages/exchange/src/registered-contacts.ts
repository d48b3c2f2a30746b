import { SipUri } from '@switchhook/sip';
import type { Binding, SocketAddress } from '@switchhook/sip';
import { placeAt, placeOf } from './place.ts';
import type { SqliteLocationService } from './store/location.ts';

/** Whose telephone has an address, and how it is reached. */
export interface RegisteredContact {
  readonly addressOfRecord: string;
  readonly bindings: readonly Binding[];
}

/**
 * Finds telephones by their contacts. One that has no GRUU gives its contact to those who are to call just that telephone: to
 * take a party of its call over, perhaps. It may be reached over the connection alone by which it has registered.
 */
export class RegisteredContacts {
  readonly #location: SqliteLocationService;
  /** By what tells contacts apart. */
  readonly #owners = new OwnersBy<string>();
  /** By the flows over which they have registered. */
  readonly #flows = new OwnersBy<number>();
  /** By host and port of their contacts. */
  readonly #places = new OwnersBy<string>();
  /** By address and port that their registrations came from. */
  readonly #sources = new OwnersBy<string>();

  constructor(location: SqliteLocationService) {
    this.#location = location;
    location.onChange(({ addressOfRecord, before, after }) => {
      const keys = new Set(after.map(({ contact }) => keyIn(contact)));
      for (const { contact, flow, received } of before) {
        if (!keys.has(keyIn(contact))) this.#owners.leave(keyIn(contact), addressOfRecord);
        this.#places.leave(placeIn(contact), addressOfRecord);
        if (flow !== undefined) this.#flows.leave(flow, addressOfRecord);
        if (received !== undefined) this.#sources.leave(placeAt(received.address, received.port), addressOfRecord);
      }
      for (const { contact, flow, received } of after) {
        this.#owners.join(keyIn(contact), addressOfRecord);
        this.#places.join(placeIn(contact), addressOfRecord);
        if (flow !== undefined) this.#flows.join(flow, addressOfRecord);
        if (received !== undefined) this.#sources.join(placeAt(received.address, received.port), addressOfRecord);
      }
    });
  }

  /** Whose telephones have registered over a flow, by address of record: several where another proxy is in between. */
  ownersOf(flow: number): ReadonlySet<string> {
    return this.#flows.at(flow);
  }

  /** Whose telephones take what is sent to a URI, whatever user it names; by address of record. */
  ownersAt(uri: SipUri): ReadonlySet<string> {
    return this.#places.at(placeOf(uri));
  }

  /** Whether a telephone has registered that it is there. */
  isContact({ address, port }: SocketAddress): boolean {
    return this.#places.at(placeAt(address, port)).size > 0;
  }

  /** Whether a telephone has registered from there. */
  isSource({ address, port }: SocketAddress): boolean {
    return this.#sources.at(placeAt(address, port)).size > 0;
  }

  /** Of several who have registered it whoever was first: nobody takes it from him by registering it as well. */
  find(uri: SipUri, isOwner: (addressOfRecord: string) => boolean = () => true): RegisteredContact | undefined {
    const key = keyOf(uri);
    const addressOfRecord = [...this.#owners.at(key)].find(isOwner);
    if (addressOfRecord === undefined) return undefined;
    const bindings = this.#location.bindings(addressOfRecord).filter(({ contact }) => keyIn(contact) === key);
    return bindings.length === 0 ? undefined : { addressOfRecord, bindings };
  }
}

/** Addresses of record by something that several may share. */
class OwnersBy<Key> {
  readonly #owners = new Map<Key, Set<string>>();

  at(key: Key): ReadonlySet<string> {
    return this.#owners.get(key) ?? nobody;
  }

  join(key: Key, addressOfRecord: string): void {
    this.#owners.set(key, (this.#owners.get(key) ?? new Set()).add(addressOfRecord));
  }

  leave(key: Key, addressOfRecord: string): void {
    const owners = this.#owners.get(key);
    owners?.delete(addressOfRecord);
    if (owners?.size === 0) this.#owners.delete(key);
  }
}

const nobody: ReadonlySet<string> = new Set();

/** User, host and port: a dialog may say less of the transport than a registration does, or more. */
function keyOf({ user = '', host, port }: SipUri): string {
  return `${user}@${host}:${String(port ?? '')}`;
}

function keyIn(contact: string): string {
  const uri = SipUri.parse(contact);
  return uri instanceof SipUri ? keyOf(uri) : contact;
}

function placeIn(contact: string): string {
  const uri = SipUri.parse(contact);
  return uri instanceof SipUri ? placeOf(uri) : contact;
}
