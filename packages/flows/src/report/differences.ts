import { concernedPart } from './concerned-part.ts';
import { isOfDescription, partsOf } from './message-parts.ts';
import type { MessagePart } from './message-parts.ts';

/**
 * What a difference between what the RFC prints and what was said means: none; a value that everybody has of his own; one that is
 * allowed; one where the RFC is in error; one that is advised against; one that is wrong.
 */
export type DifferenceKind = 'same' | 'own' | 'allowed' | 'erratum' | 'advice' | 'wrong';

/** One line of the RFC's message beside the one that was said. */
export interface Difference {
  readonly part: string;
  readonly printed: string | undefined;
  readonly said: string | undefined;
  readonly kind: DifferenceKind;
  /** Why that is so, in a sentence; undefined where there is nothing to say. */
  readonly why: string | undefined;
  /** The tolerance that allows it, such as `T10`. */
  readonly tolerance: string | undefined;
  /** What is wrong with the printed line, by the numbers of the errata. */
  readonly errata: readonly string[];
}

/** What is known to be wrong with one of the two messages. */
export interface Fault {
  readonly key: string;
  readonly kind: 'wrong' | 'advice';
  readonly why: string;
}

/** An erratum of the printed message: a key that it breaks, where one is known, and its words. */
export interface PrintedFault {
  readonly id: string;
  readonly keys: readonly string[];
  readonly words: string;
}

/** Lays what was said beside what the RFC prints, line by line, and says of each difference what it means. */
export function differencesOf(
  printed: string,
  said: string,
  faults: readonly Fault[],
  printedFaults: readonly PrintedFault[],
): readonly Difference[] {
  const pairs = pairsOf(partsOf(printed), partsOf(said));
  const open = new Set(faults);
  const errata = new Set(printedFaults);
  const rows = pairs.map((pair) => {
    const own = take(open, ({ key }) => isAbout(concernedPart(key), pair.part));
    const isSame = pair.printed === pair.said;
    return judge(pair, own, isSame ? [] : take(errata, (fault) => isErratumOf(fault, pair)));
  });
  // What is about a part that neither has stands at the end.
  const rest = [...open].map((fault) => {
    const pair = { part: concernedPart(fault.key), printed: undefined, said: undefined };
    return judge(pair, [fault], []);
  });
  return [...rows, ...rest];
}

interface Pair {
  readonly part: string;
  readonly printed: string | undefined;
  readonly said: string | undefined;
}

/** The printed lines in their order, each with its counterpart; what has none comes at the end of head or body. */
function pairsOf(printed: readonly MessagePart[], said: readonly MessagePart[]): readonly Pair[] {
  const waiting = [...said];
  const next = (name: string): string | undefined => {
    const place = waiting.findIndex((part) => part.name === name);
    return place === -1 ? undefined : waiting.splice(place, 1)[0]?.text;
  };
  const pairs = printed.map(({ name, text }): Pair => ({ part: name, printed: text, said: next(name) }));
  const more = waiting.map(({ name, text }): Pair => ({ part: name, printed: undefined, said: text }));
  const isOfBody = ({ part }: Pair): boolean => part === 'body' || isOfDescription(part);
  return [...pairs, ...more].sort((one, other) => Number(isOfBody(one)) - Number(isOfBody(other)));
}

function isAbout(concerned: string, part: string): boolean {
  return concerned === part || (concerned === 'body' && isOfDescription(part));
}

/** Whether an erratum breaks a rule about this part, or names it as it is written. */
function isErratumOf({ keys, words }: PrintedFault, { part, printed, said }: Pair): boolean {
  if (keys.length > 0) return keys.some((key) => isAbout(concernedPart(key), part));
  if (isOfDescription(part)) return words.includes(`"${part}`) || words.includes(` ${part} `);
  const name = /^([\w -]+?) *:/.exec(printed ?? said ?? '')?.[1];
  if (name === undefined) return false;
  return words.includes(`"${name}"`) || words.split(/[^\w-]+/).includes(name);
}

/** Takes out of a set what is wanted: each fault is told once. */
function take<T>(from: Set<T>, isWanted: (each: T) => boolean): readonly T[] {
  const taken = [...from].filter(isWanted);
  for (const each of taken) from.delete(each);
  return taken;
}

function judge(pair: Pair, faults: readonly Fault[], errata: readonly PrintedFault[]): Difference {
  const [first] = faults.toSorted((one, other) => Number(one.kind === 'advice') - Number(other.kind === 'advice'));
  const common = { ...pair, errata: errata.map(({ id }) => id) };
  if (first !== undefined) {
    const why = faults.map((fault) => fault.why).join(' ');
    return { ...common, kind: first.kind, why, tolerance: undefined };
  }
  if (errata.length > 0) {
    const why = `The RFC is in error: ${errata.map(({ words }) => words).join(' ')}`;
    return { ...common, kind: 'erratum', why, tolerance: undefined };
  }
  if (pair.printed === pair.said) return { ...common, kind: 'same', why: undefined, tolerance: undefined };
  return { ...common, ...reasonFor(pair) };
}

type Reason = Pick<Difference, 'kind' | 'why' | 'tolerance'>;

const own = (why: string, tolerance?: string): Reason => ({ kind: 'own', why, tolerance });
const allowed = (why: string, tolerance?: string): Reason => ({ kind: 'allowed', why, tolerance });

const named = own('Names the call and the people of this run; the checker has followed the names.');
const extensions = allowed('Each says what he has; what the service needs is among it.', 'T18');
const hop = own('The names and addresses of this run, and a branch of its own.', 'T12');

/** Why a part may be otherwise. */
const reasons: Readonly<Record<string, Reason>> = {
  'start line': own('The address that he has here.', 'T12'),
  via: hop,
  route: hop,
  'record-route': hop,
  from: own('The address and the tag of this run.', 'T12'),
  to: own('The address and the tag of this run.', 'T12'),
  'call-id': own('Every call has one of its own.'),
  cseq: own('Each counts from a number of his own; the checker has seen that it is counted.'),
  contact: allowed(
    'Where he is reached here; a GRUU, or any address that is routable, and what else he says of himself.',
    'T17',
  ),
  'max-forwards': own('Counted down from what the sender began with.'),
  'content-length': own('Counted: the RFC leaves it out.'),
  allow: extensions,
  supported: extensions,
  accept: extensions,
  'allow-events': extensions,
  'refer-to': named,
  'referred-by': named,
  replaces: named,
  join: named,
  'target-dialog': named,
  event: named,
  'error-info': named,
  body: named,
  'proxy-authenticate': own('Realm and nonce of this run.', 'T13'),
  'proxy-authorization': own('Credentials for the challenge of this run.', 'T13'),
  'subscription-state': allowed('The state is the same; for how long is the notifier’s to say.'),
  expires: allowed('For how long is his to say.'),
  'o=': own('The session of this run; the checker has seen that its versions are counted.'),
  'a=direction': allowed('Who sends is the same, written or not, or more is held than asked for.', 'T9'),
};

function reasonFor({ part, printed, said }: Pair): Reason {
  if (part === 'start line' && printed !== undefined && said !== undefined) return startLineReason(printed, said);
  if (printed === undefined) {
    if (isOfDescription(part)) return allowed('More about the streams.', 'T10');
    return reasons[part]?.tolerance === 'T12' ? hop : allowed('A header field more.', 'T18');
  }
  if (said === undefined) {
    if (isOfDescription(part)) return allowed('Not needed here.', 'T10');
    return allowed('Not needed here: no rule of the flow asks for it.');
  }
  return reasons[part] ?? allowed('Written otherwise.', isOfDescription(part) ? 'T10' : 'T18');
}

function startLineReason(printed: string, said: string): Reason {
  const [before, after] = [printed, said].map((line) => /^SIP\/2\.0 (\d+)/.exec(line)?.[1]);
  if (before === undefined) return own('The address that he has here.', 'T12');
  return before === after ? allowed('The reason phrase is free.', 'T14') : allowed('The status means the same.', 'T3');
}
