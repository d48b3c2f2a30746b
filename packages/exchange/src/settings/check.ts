import { SyntaxFault } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { explain } from '../config/explain.ts';
import { readPattern } from '../plan/pattern.ts';
import { readTimeOfDay } from '../plan/schedule.ts';
import { screenOf } from '../plan/screening.ts';
import type { Screen } from '../plan/screening.ts';
import { readDestination } from './destination.ts';
import type { Destination } from './destination.ts';
import { settingsSchema } from './schema.ts';
import type { ListEntry, ScreeningList, SubscriberSettings } from './schema.ts';

/** One thing that makes no sense in settings, for whoever enters them. */
export interface SettingsFault {
  /** Like `['forward', 'always']`. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Why calls must not go there, for who cannot be told in writing. */
  readonly cause?: 'oneself' | 'circle' | 'not-allowed';
}

/** What is known of the others while settings are checked. */
export interface Neighbourhood {
  /** The `user@domain` that a destination means here; undefined when it is somebody else's address. */
  readonly addressOf: (uri: Uri) => string | undefined;
  /** Whether calls that are sent there come to anybody; where that is not known yet, they might. */
  readonly isAnybodyAt?: (uri: Uri) => boolean;
  /** Whether somebody can be looked for there: where a group or a server is he cannot. */
  readonly isPlace: (uri: Uri) => boolean;
  /**
   * Why a list of whom its owner may call keeps him from calling at all times where a setting, like `forward.always`, sends his
   * calls; undefined where it does not.
   */
  readonly denied: (outgoing: Screen, uri: Uri, setting: string) => string | undefined;
  /** What another subscriber has set. */
  readonly settings: (address: string) => SubscriberSettings;
}

/** Reads settings from outside: all that is wrong with them at once, or the settings. */
export function readSettings(
  value: unknown,
  owner: string,
  neighbourhood: Neighbourhood,
): SubscriberSettings | readonly SettingsFault[] {
  const read = settingsSchema.safeParse(value);
  if (!read.success) {
    return read.error.issues.map((issue) => ({ path: issue.path, message: explain(issue, value) }));
  }
  const faults = settingsFaults(read.data, owner, neighbourhood);
  return faults.length === 0 ? read.data : faults;
}

/** What a schema cannot say of the settings of `owner`, who is a `user@domain`. */
export function settingsFaults(
  settings: SubscriberSettings,
  owner: string,
  neighbourhood: Neighbourhood,
): readonly SettingsFault[] {
  return [
    ...destinationFaults(settings, owner, neighbourhood),
    ...listFaults(settings.screening?.incoming, ['screening', 'incoming'], owner),
    ...listFaults(settings.screening?.outgoing, ['screening', 'outgoing'], owner),
  ];
}

const forwardings = ['always', 'busy', 'noAnswer', 'unavailable'] as const;

function destinationFaults(settings: SubscriberSettings, owner: string, neighbourhood: Neighbourhood): SettingsFault[] {
  const faults: SettingsFault[] = [];
  const domain = domainOf(owner);
  // Only entries without a schedule count here, so that the time zone does not.
  const outgoing = screenOf(settings.screening?.outgoing, domain, 'UTC');
  const deniedFault = (path: readonly PropertyKey[], text: string, to: Destination): SettingsFault[] => {
    const denied = outgoing && neighbourhood.denied(outgoing, to, path.slice(0, 2).join('.'));
    if (denied === undefined) return [];
    return [{ path, message: `he may not call "${text}" himself: ${denied}`, cause: 'not-allowed' }];
  };
  for (const kind of forwardings) {
    const text = settings.forward?.[kind];
    if (text === undefined) continue;
    const path = ['forward', kind];
    const to = destinationOf(text, domain, neighbourhood);
    if (to instanceof SyntaxFault) faults.push({ path, message: noAddress(text, to) });
    else if (neighbourhood.addressOf(to) === owner) {
      faults.push({ path, message: 'he would forward to himself', cause: 'oneself' });
    } else faults.push(...deniedFault(path, text, to));
  }
  const circle = circleOf(settings, owner, neighbourhood);
  if (circle !== undefined) {
    const message = `calls would go round in a circle: ${circle.join(', ')}`;
    faults.push({ path: ['forward', 'always'], message, cause: 'circle' });
  }
  settings.findMe?.places.forEach((place, index) => {
    const text = typeof place === 'string' ? place : place.to;
    const to = destinationOf(text, domain, neighbourhood);
    const path = ['findMe', 'places', index, ...(typeof place === 'string' ? [] : ['to'])];
    if (to instanceof SyntaxFault) faults.push({ path, message: noAddress(text, to) });
    else if (!neighbourhood.isPlace(to))
      faults.push({ path, message: `"${text}" is a group or a server, and nobody is found there` });
    else if (neighbourhood.addressOf(to) !== owner) faults.push(...deniedFault(path, text, to));
  });
  return faults;
}

function destinationOf(
  text: string,
  domain: string,
  { isAnybodyAt }: Pick<Neighbourhood, 'isAnybodyAt'>,
): Destination | SyntaxFault {
  const to = readDestination(text, domain);
  return to instanceof SyntaxFault || isAnybodyAt?.(to) !== false ? to : new SyntaxFault('nobody is there');
}

function noAddress(text: string, { reason }: SyntaxFault): string {
  return `"${text}" is no address to call: ${reason}`;
}

/** Those among whom all calls would be sent round, when these settings are entered. */
function circleOf(settings: SubscriberSettings, owner: string, neighbourhood: Neighbourhood): string[] | undefined {
  const visited = [owner];
  let at = nextOf(settings, owner, neighbourhood);
  if (at === owner) return undefined;
  while (at !== undefined && !visited.includes(at)) {
    visited.push(at);
    at = nextOf(neighbourhood.settings(at), at, neighbourhood);
  }
  return at === owner ? [...visited, owner] : undefined;
}

function nextOf({ forward }: SubscriberSettings, owner: string, { addressOf }: Neighbourhood): string | undefined {
  const to = forward?.always === undefined ? undefined : readDestination(forward.always, domainOf(owner));
  return to === undefined || to instanceof SyntaxFault ? undefined : addressOf(to);
}

function listFaults(list: ScreeningList | undefined, path: readonly PropertyKey[], owner: string): SettingsFault[] {
  const faults = (['allow', 'deny'] as const).flatMap((kind) =>
    (list?.[kind] ?? []).flatMap((entry, index) => entryFaults(entry, [...path, kind, index], owner)),
  );
  const denied = new Set((list?.deny ?? []).map((entry) => alwaysMeans(entry, owner)));
  const contradictions = (list?.allow ?? []).flatMap((entry, index): SettingsFault[] => {
    const who = alwaysMeans(entry, owner);
    if (who === undefined || !denied.has(who)) return [];
    return [{ path: [...path, 'allow', index], message: `"${who}" is denied as well, and would never be let in` }];
  });
  return [...faults, ...contradictions];
}

/** Whom an entry means that counts at all times. */
function alwaysMeans(entry: ListEntry, owner: string): string | undefined {
  const pattern = typeof entry === 'string' ? readPattern(entry, domainOf(owner)) : undefined;
  return pattern instanceof SyntaxFault ? undefined : pattern?.key;
}

function entryFaults(entry: ListEntry, path: readonly PropertyKey[], owner: string): SettingsFault[] {
  const { who, when } = typeof entry === 'string' ? { who: entry, when: undefined } : entry;
  const pattern = readPattern(who, domainOf(owner));
  if (pattern instanceof SyntaxFault)
    return [{ path, message: `"${who}" means nobody in particular: ${pattern.reason}` }];
  if (when === undefined) return [];
  const from = readTimeOfDay(when.from ?? '00:00');
  const to = readTimeOfDay(when.to ?? '24:00');
  const isNever = from === to || (when.from === '24:00' && to === 0);
  return isNever ? [{ path: [...path, 'when'], message: 'it begins when it ends, and would never count' }] : [];
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
