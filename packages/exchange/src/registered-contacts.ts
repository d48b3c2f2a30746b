import { SipUri } from '@switchhook/sip';
import type { Binding } from '@switchhook/sip';
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
  /** Addresses of record by what tells contacts apart. */
  readonly #owners = new Map<string, string>();
  /** Addresses of record by the flows over which they have registered. */
  readonly #flows = new Map<number, Set<string>>();

  constructor(location: SqliteLocationService) {
    this.#location = location;
    location.onChange(({ addressOfRecord, before, after }) => {
      for (const { contact, flow } of before) {
        this.#owners.delete(keyIn(contact));
        if (flow !== undefined) this.#leave(flow, addressOfRecord);
      }
      for (const { contact, flow } of after) {
        this.#owners.set(keyIn(contact), addressOfRecord);
        if (flow !== undefined) this.#flows.set(flow, (this.#flows.get(flow) ?? new Set()).add(addressOfRecord));
      }
    });
  }

  /** Whose telephones have registered over a flow, by address of record: several where another proxy is in between. */
  ownersOf(flow: number): ReadonlySet<string> {
    return this.#flows.get(flow) ?? nobody;
  }

  find(uri: SipUri): RegisteredContact | undefined {
    const key = keyOf(uri);
    const addressOfRecord = this.#owners.get(key);
    if (addressOfRecord === undefined) return undefined;
    const bindings = this.#location.bindings(addressOfRecord).filter(({ contact }) => keyIn(contact) === key);
    return bindings.length === 0 ? undefined : { addressOfRecord, bindings };
  }

  #leave(flow: number, addressOfRecord: string): void {
    const owners = this.#flows.get(flow);
    owners?.delete(addressOfRecord);
    if (owners?.size === 0) this.#flows.delete(flow);
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
