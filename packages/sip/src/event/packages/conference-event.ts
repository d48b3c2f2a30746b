import { SyntaxFault } from '../../message/fault.ts';
import type { EventPackage, Published, Reading, StateReader, StateWriter } from '../event-package.ts';
import {
  parseConferenceInformation,
  printConferenceInformation,
  type Change,
  type ConferenceEndpoint,
  type ConferenceInformation,
  type ConferenceUser,
  type UserChange,
} from './conference-info.ts';

/** How many users a subscriber keeps of one conference, and endpoints of one of them. */
const maximumUsers = 1024;

/** A conference as its focus tells of it. */
export interface WatchedConference {
  /** The conference URI. */
  readonly entity: string;
  /** It is over: this is the last that is told. */
  readonly ended: boolean;
  readonly users: readonly ConferenceUser[];
}

/** The event package of conferences (RFC 4575): who is in one, and how. */
export const conferenceEvent: EventPackage<WatchedConference> = {
  name: 'conference',
  contentType: 'application/conference-info+xml',
  defaultExpires: 3600,
  minimumInterval: 5000,
  writer: () => new ConferenceWriter(),
  reader: () => new ConferenceReader(),
};

/** Versions count from 1, one a document; what has changed is told by whole users (RFC 4575 4.6). */
class ConferenceWriter implements StateWriter<WatchedConference> {
  #version = 1;
  #last: WatchedConference | undefined = undefined;

  write({ state }: Published<WatchedConference>, _now: number, whole: boolean): string | undefined {
    const last = this.#last;
    this.#last = state;
    const version = this.#version;
    const document = documentOf(state, whole ? undefined : last, version);
    if (document !== undefined) this.#version += 1;
    return document && printConferenceInformation(document);
  }
}

function documentOf(
  { entity, ended, users }: WatchedConference,
  last: WatchedConference | undefined,
  version: number,
): ConferenceInformation | undefined {
  if (ended) return last?.ended === true ? undefined : { version, state: 'deleted', entity };
  const all = users.map(whole);
  const counts = { userCount: users.length, active: users.length > 0 };
  if (last === undefined || last.entity !== entity || last.ended) {
    return { version, state: 'full', entity, ...counts, users: { state: 'full', changes: all } };
  }
  const before = new Map(last.users.map((user) => [user.entity, JSON.stringify(user)]));
  const changed = users.filter((user) => before.get(user.entity) !== JSON.stringify(user)).map(whole);
  const now = new Set(users.map((user) => user.entity));
  const gone = last.users.filter((user) => !now.has(user.entity)).map(deleted);
  const changes = [...changed, ...gone];
  return changes.length === 0
    ? undefined
    : { version, state: 'partial', entity, ...counts, users: { state: 'partial', changes } };
}

function whole(user: ConferenceUser): UserChange {
  const endpoints = user.endpoints.map((element) => ({ state: 'full', element }) as const);
  return { state: 'full', element: { ...user, endpoints } };
}

function deleted({ entity }: ConferenceUser): UserChange {
  return { state: 'deleted', element: { entity, endpoints: [] } };
}

/** RFC 4575 4.6. */
class ConferenceReader implements StateReader<WatchedConference> {
  #version: number | undefined = undefined;
  #users: ReadonlyMap<string, ConferenceUser> = new Map();

  read(body: string): Reading<WatchedConference> | SyntaxFault {
    const document = parseConferenceInformation(body);
    if (document instanceof SyntaxFault) return document;
    const { version, state, entity } = document;
    const last = this.#version;
    if (last !== undefined && version <= last) return { kind: 'outdated' };
    const isWhole = state !== 'partial';
    const flushes = isWhole || document.users?.state === 'full';
    const users = applied(flushes ? new Map() : this.#users, document);
    if (users.size > maximumUsers) return new SyntaxFault(`more than ${String(maximumUsers)} users`, 0, 413);
    this.#version = version;
    this.#users = users;
    return {
      kind: 'state',
      state: { entity, ended: state === 'deleted', users: [...users.values()] },
      complete: isWhole || (last !== undefined && version === last + 1),
    };
  }
}

function applied(
  before: ReadonlyMap<string, ConferenceUser>,
  { users }: ConferenceInformation,
): ReadonlyMap<string, ConferenceUser> {
  const after = new Map(before);
  if (users?.state === 'deleted') return new Map();
  for (const { state, element } of users?.changes ?? []) {
    const known = state === 'partial' ? after.get(element.entity) : undefined;
    if (state === 'deleted') after.delete(element.entity);
    else {
      after.set(element.entity, {
        entity: element.entity,
        displayText: element.displayText ?? known?.displayText,
        endpoints: endpointsAfter(known?.endpoints ?? [], element.endpoints),
      });
    }
  }
  return after;
}

function endpointsAfter(
  before: readonly ConferenceEndpoint[],
  changes: readonly Change<ConferenceEndpoint>[],
): readonly ConferenceEndpoint[] {
  const after = new Map(before.map((endpoint) => [endpoint.entity, endpoint]));
  for (const { state, element } of changes) {
    const known = after.get(element.entity);
    if (state === 'deleted') after.delete(element.entity);
    else if (state === 'full' || known === undefined) after.set(element.entity, element);
    else {
      const media = new Map([...known.media, ...element.media].map((each) => [each.id, each]));
      const said = Object.fromEntries(Object.entries(element).filter(([, value]) => value !== undefined));
      after.set(element.entity, { ...known, ...said, media: [...media.values()] });
    }
  }
  return [...after.values()];
}
