import { SyntaxFault } from '@switchhook/sip';
import type { ListEntry, ScreeningList } from '../settings/schema.ts';
import { readPattern } from './pattern.ts';
import type { Party, Pattern } from './pattern.ts';
import { days, isWithin, readTimeOfDay } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** One entry of a list, made ready. */
interface Rule {
  readonly pattern: Pattern;
  readonly allows: boolean;
  readonly schedule: Schedule | undefined;
}

/** One direction of a subscriber's screening, made ready: the rule that says most comes first, and of equals the denial. */
export interface Screen {
  readonly rules: readonly Rule[];
  /** Everybody whom a rule means by one whole address or number, in all spellings. */
  readonly named: ReadonlySet<string>;
  /** The rules without those: for everybody else. */
  readonly others: readonly Rule[];
  /** There is a list of those who are allowed, and nobody else is. */
  readonly deniesOthers: boolean;
}

/** Makes lists ready; what cannot be read counts as absent, for it was refused where it was entered. */
export function screenOf(list: ScreeningList | undefined, domain: string, timeZone: string): Screen | undefined {
  if (list === undefined) return undefined;
  const { allow = [], deny = [] } = list;
  const rules = [
    ...deny.map((entry) => ruleOf(entry, false, domain, timeZone)),
    ...allow.map((entry) => ruleOf(entry, true, domain, timeZone)),
  ].filter((rule) => rule !== undefined);
  const sorted = rules.toSorted((one, other) => other.pattern.weight - one.pattern.weight);
  return {
    rules: sorted,
    named: new Set(sorted.flatMap(({ pattern }) => pattern.spellings)),
    others: sorted.filter(({ pattern }) => pattern.spellings.length === 0),
    deniesOthers: sorted.some(({ allows }) => allows),
  };
}

function ruleOf(entry: ListEntry, allows: boolean, domain: string, timeZone: string): Rule | undefined {
  const { who, when } = typeof entry === 'string' ? { who: entry, when: undefined } : entry;
  const pattern = readPattern(who, domain);
  if (pattern instanceof SyntaxFault) return undefined;
  const schedule = when && {
    days: when.days ?? days,
    from: readTimeOfDay(when.from ?? '00:00') ?? 0,
    to: readTimeOfDay(when.to ?? '24:00') ?? 0,
    timeZone: when.timeZone ?? timeZone,
  };
  return { pattern, allows, schedule };
}

/**
 * What a list says of somebody at a moment, or without one of all times: undefined when he may, else which entry, or the lack of
 * one, keeps him out.
 */
export function deniedBy(screen: Screen | undefined, party: Party, now?: () => number): string | undefined {
  if (screen === undefined) return undefined;
  // Nearly nobody is on a list by name, however long it is.
  const rules = isNamed(screen, party) ? screen.rules : screen.others;
  for (const { pattern, allows, schedule } of rules) {
    if (!(allows ? pattern.fits(party) : pattern.covers(party))) continue;
    // An entry with a schedule lets somebody in at some time, and keeps him out at some time only.
    if (schedule !== undefined && !(now === undefined ? allows : isWithin(schedule, now()))) continue;
    return allows ? undefined : `"${pattern.text}" is denied`;
  }
  return screen.deniesOthers ? 'nothing on the list allows it' : undefined;
}

function isNamed({ named }: Screen, { address, number, byways }: Party): boolean {
  return (
    (address !== undefined && named.has(address)) ||
    (number !== undefined && named.has(number)) ||
    (byways !== undefined && [...byways.addresses, ...byways.numbers].some((each) => named.has(each)))
  );
}
