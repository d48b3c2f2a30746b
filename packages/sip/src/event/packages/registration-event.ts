import { SyntaxFault } from '../../message/fault.ts';
import type { EventPackage, Published, Reading, StateReader, StateWriter } from '../event-package.ts';
import {
  parseRegistrationInformation,
  printRegistrationInformation,
  type RegisteredContact,
  type RegisteredAddress,
} from './reginfo.ts';

/** How many registrations and contacts a subscriber keeps of one subscription. */
export const maximumContacts = 4096;

/** How far two reckonings of the same instant may lie apart, for documents have whole seconds. */
const tolerance = 1500;

/**
 * The event package of registrations (RFC 3680). State is the registrations that the resource stands for, with the
 * contacts that ended since the state before: they are told once, and are to be left out of the next.
 */
export const registrationEvent: EventPackage<readonly RegisteredAddress[]> = {
  name: 'reg',
  contentType: 'application/reginfo+xml',
  defaultExpires: 3761,
  minimumInterval: 5000,
  coalesce: withEnded,
  writer: () => new RegistrationWriter(),
  reader: () => new RegistrationReader(),
};

/** What ended earlier, and was not told yet, is told with what is later. */
function withEnded(
  earlier: readonly RegisteredAddress[],
  later: readonly RegisteredAddress[],
): readonly RegisteredAddress[] {
  const merged = later.map((registration) => {
    const before = earlier.find(({ id }) => id === registration.id);
    const ids = new Set(registration.contacts.map(({ id }) => id));
    const ended = before?.contacts.filter(({ id, state }) => state === 'terminated' && !ids.has(id)) ?? [];
    return ended.length === 0 ? registration : { ...registration, contacts: [...registration.contacts, ...ended] };
  });
  const ids = new Set(later.map(({ id }) => id));
  return [...merged, ...earlier.filter(({ id, state }) => state === 'terminated' && !ids.has(id))];
}

/** Versions count from 0, one a document. Only changes are told, where changes can say it (RFC 3680 4.7.2). */
class RegistrationWriter implements StateWriter<readonly RegisteredAddress[]> {
  #version = 0;
  #last: Published<readonly RegisteredAddress[]> | undefined = undefined;

  write(published: Published<readonly RegisteredAddress[]>, now: number, whole: boolean): string | undefined {
    const last = this.#last;
    const changes = whole || last === undefined ? undefined : changesSince(last, published);
    const isTold = last === undefined || last.state === published.state;
    const state = isTold ? published.state.map(settled) : published.state;
    this.#last = published;
    if (changes?.length === 0) return undefined;
    const age = Math.max(0, Math.floor((now - published.at) / 1000));
    const version = this.#version;
    this.#version += 1;
    return printRegistrationInformation({
      version,
      whole: changes === undefined,
      registrations: (changes ?? state).map((registration) => aged(registration, age)),
    });
  }
}

/** Without what has ended. The way from `terminated` back to `init` is no news (RFC 3680 4.7.1). */
function settled(registration: RegisteredAddress): RegisteredAddress {
  const state = registration.state === 'terminated' ? 'init' : registration.state;
  return { ...registration, state, contacts: registration.contacts.filter((contact) => contact.state === 'active') };
}

/** The registrations as they are `age` seconds after they were told. */
function aged(registration: RegisteredAddress, age: number): RegisteredAddress {
  const contacts = registration.contacts.map((contact) => {
    const { expires, durationRegistered, state } = contact;
    if (state === 'terminated') return contact;
    return {
      ...contact,
      expires: expires === undefined ? undefined : Math.max(0, expires - age),
      durationRegistered: durationRegistered === undefined ? undefined : durationRegistered + age,
    };
  });
  return { ...registration, contacts };
}

/** What is new, each registration with its new contacts only; undefined where something has vanished without a word. */
function changesSince(
  last: Published<readonly RegisteredAddress[]>,
  next: Published<readonly RegisteredAddress[]>,
): readonly RegisteredAddress[] | undefined {
  const changes: RegisteredAddress[] = [];
  for (const before of last.state) {
    const after = next.state.find(({ id }) => id === before.id);
    const standing = before.contacts.filter(({ state }) => state === 'active');
    if (after === undefined && before.state === 'active') return undefined;
    if (standing.some(({ id }) => after?.contacts.every((contact) => contact.id !== id))) return undefined;
  }
  for (const registration of next.state) {
    const before = last.state.find(({ id }) => id === registration.id);
    const contacts = registration.contacts.filter((contact) => {
      const known = before?.contacts.find(({ id }) => id === contact.id);
      return known === undefined || !isSame(known, last.at, contact, next.at);
    });
    const isNew = before === undefined || before.state !== registration.state;
    if (isNew || contacts.length > 0) changes.push({ ...registration, contacts });
  }
  return changes;
}

/** Whether nothing has happened to a contact but that time went by. */
function isSame(one: RegisteredContact, then: number, other: RegisteredContact, now: number): boolean {
  if (lasting(one) !== lasting(other)) return false;
  if (one.expires === undefined || other.expires === undefined) return one.expires === other.expires;
  if (other.state === 'terminated') return one.expires === other.expires;
  return Math.abs(now + other.expires * 1000 - (then + one.expires * 1000)) < tolerance;
}

/** All of a contact that time alone does not change. */
function lasting(contact: RegisteredContact): string {
  const { id, state, event, uri, displayName, language, retryAfter, q, callId, cseq, parameters } = contact;
  const { publicGruu, temporaryGruu } = contact;
  const gruus = [publicGruu, temporaryGruu?.uri, temporaryGruu?.firstCSeq];
  return JSON.stringify([
    ...[id, state, event, uri, displayName, language, retryAfter, q, callId, cseq, parameters],
    ...gruus,
  ]);
}

/** The tables of RFC 3680 5.2. */
class RegistrationReader implements StateReader<readonly RegisteredAddress[]> {
  #version: number | undefined = undefined;
  #registrations: readonly RegisteredAddress[] = [];

  read(body: string): Reading<readonly RegisteredAddress[]> | SyntaxFault {
    const document = parseRegistrationInformation(body);
    if (document instanceof SyntaxFault) return document;
    const { version, whole, registrations } = document;
    const last = this.#version;
    if (last !== undefined && version <= last) return { kind: 'outdated' };
    const state = whole ? registrations : merged(this.#registrations.map(settled), registrations);
    const size = state.reduce((sum, { contacts }) => sum + 1 + contacts.length, 0);
    if (size > maximumContacts) return new SyntaxFault(`more than ${String(maximumContacts)} contacts`, 0, 413);
    this.#version = version;
    this.#registrations = state;
    return { kind: 'state', state, complete: whole || (last !== undefined && version === last + 1) };
  }
}

function merged(known: readonly RegisteredAddress[], changes: readonly RegisteredAddress[]): RegisteredAddress[] {
  const tables = new Map(known.map((registration) => [registration.id, registration]));
  for (const change of changes) {
    const contacts = new Map(tables.get(change.id)?.contacts.map((contact) => [contact.id, contact]));
    for (const contact of change.contacts) contacts.set(contact.id, contact);
    tables.set(change.id, { ...change, contacts: [...contacts.values()] });
  }
  return [...tables.values()];
}
