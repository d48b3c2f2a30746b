import { Diversion, HistoryInfo, SipUri, SyntaxFault } from '@switchhook/sip';
import type { HeaderInit, HeaderType, SipRequest, Target, Uri } from '@switchhook/sip';
import { addressOfRecord } from '../subscribers/subscriber.ts';
import type { Account, Call, Leg } from './call.ts';
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
  readonly entries: readonly string[];
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
 * he has sent it to before this one, phones included.
 */
export function divert(
  call: Pick<Call, 'request' | 'diverters'>,
  leg: Leg,
  diverter: Account,
  cause: DiversionCause,
  tried: readonly Target[],
  to: Uri,
  others = tried.length,
): Chain {
  const before = leg.chain ?? received(call, leg.uri);
  const { index } = before;
  const attempts = tried.map(({ uri }, at) => entry(uri, `${index}.${String(at + 1)}`, `rc=${index}`, cause.status));
  const next = `${index}.${String(others + 1)}`;
  const address = addressOfRecord(diverter.user, diverter.domain);
  const diversion = `<${address}>;reason=${cause.diversion};counter=1`;
  return {
    index: next,
    entries: [...before.entries, ...attempts, entry(to, next, `mp=${index}`)],
    diversions: [diversion, ...before.diversions],
    diverters: [...before.diverters, address],
  };
}

/** The header fields that tell how a call came to a place, for what goes out from there. */
export function historyHeaders({ entries, diversions }: Chain): {
  readonly headers: readonly HeaderInit[];
  readonly trailingHeaders: readonly HeaderInit[];
} {
  return {
    headers: diversions.map((value) => ['Diversion', value]),
    trailingHeaders: entries.map((value) => ['History-Info', value]),
  };
}

/** The entry for a phone of the place where the call has come to. */
export function phoneEntry({ index }: Chain, uri: Uri, at: number): HeaderInit {
  return ['History-Info', entry(uri, `${index}.${String(at + 1)}`, `rc=${index}`)];
}

function entry(uri: Uri, index: string, how = '', status?: number): string {
  const reason: readonly [string, string] = ['Reason', `SIP;cause=${String(status)}`];
  const target = status !== undefined && uri instanceof SipUri ? uri.with({ headers: [reason] }) : uri;
  return `<${target.toString()}>;index=${index}${how === '' ? '' : `;${how}`}`;
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
