import { Diversion, HistoryInfo, SipUri, Supported, SyntaxFault } from '@switchhook/sip';
import type { Attempt, HeaderInit, HistoryEntry, HeaderType, RingPlan, SipRequest, Target, Uri } from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { Call, Leg } from './call.ts';
import type { Domains } from './domains.ts';

/** Why somebody sends a call on. */
export interface DiversionCause {
  /** As Diversion says it (RFC 5806 4). */
  readonly diversion:
    'unconditional' | 'user-busy' | 'no-answer' | 'unavailable' | 'do-not-disturb' | 'follow-me' | 'deflection';
  /** The status that the tried phones answered with, or that stands for their silence (RFC 7044 10.2). */
  readonly status?: number;
}

/** How a call came to where it is: who sent it on, and the header fields that tell. */
export interface Chain {
  /** The index of the present place in the tree of History-Info (RFC 7044 10.3). */
  readonly index: string;
  /** History-Info to add below what came. */
  readonly entries: readonly HistoryEntry[];
  /** Diversion to add above what came, the latest first. */
  readonly diversions: readonly string[];
  /** Addresses of record of those who have sent it on, those before this exchange among them. */
  readonly diverters: readonly string[];
}

/** The chain of a request as it came, at the place that its Request-URI names. */
export function received({ request, diverters }: Pick<Call, 'request' | 'diverters'>, uri: Uri): Chain {
  const history = readAll(request, HistoryInfo);
  const last = history.at(-1);
  const place = { diversions: [], diverters };
  if (last === undefined) return { ...place, index: '1', entries: [entry(uri, '1')] };
  if (isSame(last.address.uri, uri)) return { ...place, index: last.index, entries: [] };
  // A gap: somebody on the way added nothing (RFC 7044 10.3 rule 6).
  const index = `${last.index}.0`;
  return { ...place, index, entries: [entry(uri, index)] };
}

/**
 * The addresses of record that a request says have sent it on before it came here. Those of ours are written as we write them, by
 * whatever name of their domain they were called.
 */
export function divertersOf(request: SipRequest, ours: Domains['reached']): readonly string[] {
  if (!request.has(HistoryInfo) && !request.has(Diversion)) return nobody;
  const history = readAll(request, HistoryInfo);
  const mapped = new Set(history.map(({ target }) => (target?.kind === 'mp' ? target.index : undefined)));
  const diverters = [...readAll(request, Diversion), ...history.filter(({ index }) => mapped.has(index))];
  return diverters.map(({ address: { uri } }) => {
    const { user, domain = '' } = ours(uri) ?? {};
    return user === undefined ? keyOf(uri) : addressOfRecord(user, domain);
  });
}

const nobody: readonly string[] = [];

/**
 * The chain after `diverter` has sent the call on from `leg`, having tried some phones first. `others` says how many places
 * he has sent it to before this one beside those, and `made` how the new place was found: by a mapping of ours, if not otherwise.
 */
export function divert(
  call: Pick<Call, 'request' | 'diverters'>,
  leg: Leg,
  diverter: Account,
  cause: DiversionCause,
  tried: readonly Attempt[],
  to: Uri,
  others = 0,
  made?: { readonly target: HistoryInfo['target'] },
): Chain {
  const before = chainOf(call, leg);
  const { index } = before;
  const attempts = inOrder(
    tried.map(({ target, status }, at) => {
      const { history = [phoneEntry(before, target.uri, at)] } = target;
      return { target: { ...target, history }, status };
    }),
  );
  const next = `${index}.${String(Math.max(0, ...attempts.map((each) => childOf(index, each))) + others + 1)}`;
  const address = addressOfRecord(diverter.user, diverter.domain);
  const diversion = `<${address}>;reason=${cause.diversion};counter=1`;
  return {
    index: next,
    entries: [
      ...before.entries,
      ...attempts,
      entry(to, next, made === undefined ? { kind: 'mp', index } : made.target),
    ],
    diversions: [diversion, ...before.diversions],
    diverters: [...before.diverters, address],
  };
}

/** Whether a caller is to be told the way of his call (RFC 7044 9.4): who tells some of it, or says that he would know it. */
function keepsHistory(request: SipRequest): boolean {
  return request.has(HistoryInfo) || request.rawAll(Supported).some((tag) => tag.toLowerCase() === 'histinfo');
}

/** What responses to a call tell of its way, once it has one. */
export function historyInResponses({ request }: Pick<Call, 'request'>): RingPlan['history'] {
  return keepsHistory(request) ? 'told' : 'withheld';
}

/** The history of a call as it is at a place, for who is told of it. */
export function toldHistoryAt({ request }: Pick<Call, 'request'>, { entries }: Chain): readonly HeaderInit[] {
  if (!keepsHistory(request)) return [];
  const before = request.rawAll(HistoryInfo).map((value): HeaderInit => ['History-Info', value]);
  return [...before, ...historyHeaders(entries)];
}

/** How a call came to a place: to one that nobody has sent it to, as its request says. */
export function chainOf(call: Pick<Call, 'request' | 'diverters'>, { chain, uri }: Leg): Chain {
  return chain ?? received(call, uri);
}

/** Diversion for what goes out from a place. */
export function diversionHeaders({ diversions }: Chain): readonly HeaderInit[] {
  return diversions.map((value) => ['Diversion', value]);
}

/** History-Info of a list of entries. */
function historyHeaders(entries: readonly HistoryEntry[]): readonly HeaderInit[] {
  return entries.map(({ uri, index, target }) => {
    const how = target === undefined ? '' : `;${target.kind}=${target.index}`;
    return ['History-Info', `<${uri.toString()}>;index=${index}${how}`];
  });
}

/**
 * A target whose requests tell the way to where the call was, what came of others that were tried from there, and its own way (RFC 7044
 * 9.2, 9.3). The others are told those of it in turn.
 */
export function withHistory(target: Target, way: readonly HistoryEntry[], history: readonly HistoryEntry[]): Target {
  return {
    ...target,
    history,
    trailingHeaders: (tried) => {
      // Its own end is known where a response is told of it.
      const own = tried.find((each) => each.target.history === history);
      const others = tried.filter((each) => each !== own);
      return historyHeaders([...way, ...inOrder(others, own === undefined ? history : ended(history, own.status))]);
    },
  };
}

/** Entries in the order of their tree, each once. */
function inOrder(before: readonly Attempt[], own: readonly HistoryEntry[] = []): readonly HistoryEntry[] {
  if (before.length === 0) return own;
  const tried = before.flatMap(({ target: { history = [] }, status }) => ended(history, status));
  const entries = new Map([...tried, ...own].map((each) => [each.index, each]));
  return [...entries.values()].toSorted((one, other) => compareIndexes(one.index, other.index));
}

/** The entries of a target that has been answered, the last of which says what with. */
function ended(history: readonly HistoryEntry[], status: number | undefined): readonly HistoryEntry[] {
  const last = history.at(-1);
  return last === undefined ? history : [...history.slice(0, -1), withReason(last, status)];
}

/** Which child of a place an entry is of, or of whose. */
function childOf(parent: string, { index }: HistoryEntry): number {
  return Number(index.slice(parent.length + 1).split('.', 1)[0]);
}

function compareIndexes(one: string, other: string): number {
  const others = other.split('.');
  const parts = one.split('.');
  const at = parts.findIndex((part, place) => part !== others[place]);
  return at < 0 ? parts.length - others.length : Number(parts[at]) - Number(others[at] ?? -1);
}

/** The entry for a phone of the place where the call has come to. */
export function phoneEntry({ index }: Pick<Chain, 'index'>, uri: Uri, at: number): HistoryEntry {
  return entry(uri, `${index}.${String(at + 1)}`, { kind: 'rc', index });
}

function entry(uri: Uri, index: string, target?: HistoryInfo['target']): HistoryEntry {
  return { uri, index, target };
}

/** An entry that says what its request was answered with (RFC 7044 10.2); one of a tel URI has no place for that. */
function withReason(entry: HistoryEntry, status: number | undefined): HistoryEntry {
  const { uri } = entry;
  if (status === undefined || status < 300 || !(uri instanceof SipUri)) return entry;
  const reason: readonly [string, string] = ['Reason', `SIP;cause=${String(status)}`];
  return { ...entry, uri: uri.with({ headers: [reason] }) };
}

function keyOf(uri: Uri): string {
  return uri instanceof SipUri ? uri.addressOfRecord : uri.toString();
}

/** Whether two URIs name the same place, whatever they say of the way there. */
function isSame(one: Uri, other: Uri): boolean {
  return keyOf(one) === keyOf(other);
}

function readAll<T>(request: SipRequest, type: HeaderType<T>): T[] {
  return request.rawAll(type).flatMap((text) => {
    const value = type.parse(text);
    return value instanceof SyntaxFault ? [] : [value];
  });
}
