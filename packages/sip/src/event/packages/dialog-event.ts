import { SyntaxFault } from '../../message/fault.ts';
import type { EventPackage, Published, Reading, StateReader, StateWriter } from '../event-package.ts';
import { parseDialogInformation, printDialogInformation, type WatchedDialog } from './dialog-info.ts';

/** How many dialogs a subscriber keeps of one subscription. */
const maximumDialogs = 1024;

/** How far two reckonings of when a dialog began may lie apart, for documents have whole seconds. */
const tolerance = 1500;

/** The dialogs of somebody. */
export interface WatchedDialogs {
  /** Whose: a URI. */
  readonly entity: string;
  readonly dialogs: readonly WatchedDialog[];
}

/**
 * The event package of INVITE dialogs (RFC 4235). State is the dialogs that stand, with those that ended since the state
 * before: they are told once, and are to be left out of the next.
 */
export const dialogEvent: EventPackage<WatchedDialogs> = {
  name: 'dialog',
  contentType: 'application/dialog-info+xml',
  defaultExpires: 3600,
  minimumInterval: 1000,
  merge: (states) => ({ entity: states[0]?.entity ?? '', dialogs: states.flatMap(({ dialogs }) => dialogs) }),
  coalesce: (earlier, later) => {
    const ids = new Set(later.dialogs.map(({ id }) => id));
    const ended = earlier.dialogs.filter(({ id, state }) => state === 'terminated' && !ids.has(id));
    return { ...later, dialogs: [...later.dialogs, ...ended] };
  },
  writer: () => new DialogWriter(),
  reader: () => new DialogReader(),
};

const stands = ({ state }: WatchedDialog): boolean => state !== 'terminated';

/** Versions count from 0, one a document. Only changes are told, where changes can say it (RFC 4235 3.7.2). */
class DialogWriter implements StateWriter<WatchedDialogs> {
  #version = 0;
  #last: Published<WatchedDialogs> | undefined = undefined;

  write(published: Published<WatchedDialogs>, now: number, whole: boolean): string | undefined {
    const last = this.#last;
    const changes = whole || last === undefined ? undefined : changesSince(last, published);
    const isTold = last === undefined || last.state === published.state;
    const { entity, dialogs } = published.state;
    this.#last = published;
    if (changes?.length === 0) return undefined;
    const age = Math.max(0, Math.floor((now - published.at) / 1000));
    const version = this.#version;
    this.#version += 1;
    return printDialogInformation({
      version,
      whole: changes === undefined,
      entity,
      dialogs: (changes ?? (isTold ? dialogs.filter(stands) : dialogs)).map((dialog) => aged(dialog, age)),
    });
  }
}

/** A dialog as it is `age` seconds after it was told. */
function aged(dialog: WatchedDialog, age: number): WatchedDialog {
  const { duration } = dialog;
  return duration === undefined || !stands(dialog) ? dialog : { ...dialog, duration: duration + age };
}

/** The dialogs that are new or otherwise; undefined where one has vanished without a word. */
function changesSince(last: Published<WatchedDialogs>, next: Published<WatchedDialogs>): WatchedDialog[] | undefined {
  const { entity, dialogs } = next.state;
  const after = new Map(dialogs.map((dialog) => [dialog.id, dialog]));
  const before = new Map(last.state.dialogs.map((dialog) => [dialog.id, dialog]));
  const isLost = last.state.dialogs.some((dialog) => stands(dialog) && !after.has(dialog.id));
  if (isLost || entity !== last.state.entity) return undefined;
  return dialogs.filter((dialog) => {
    const known = before.get(dialog.id);
    return known === undefined || !isSame(known, last.at, dialog, next.at);
  });
}

/** Whether nothing has happened to a dialog but that time went by. */
function isSame(one: WatchedDialog, then: number, other: WatchedDialog, now: number): boolean {
  if (lasting(one) !== lasting(other)) return false;
  if (one.duration === undefined || other.duration === undefined) return one.duration === other.duration;
  return !stands(one) || Math.abs(now - other.duration * 1000 - (then - one.duration * 1000)) < tolerance;
}

/** All of a dialog that time alone does not change. */
function lasting(dialog: WatchedDialog): string {
  const dialogs = [{ ...dialog, duration: undefined }];
  return printDialogInformation({ version: 0, whole: true, entity: '', dialogs });
}

/** The table of RFC 4235 4.3. */
class DialogReader implements StateReader<WatchedDialogs> {
  #version: number | undefined = undefined;
  #dialogs: readonly WatchedDialog[] = [];

  read(body: string): Reading<WatchedDialogs> | SyntaxFault {
    const document = parseDialogInformation(body);
    if (document instanceof SyntaxFault) return document;
    const { version, whole, entity } = document;
    const last = this.#version;
    // Notifiers that do not count, as those of RFC 5359 2.17, tell all each time; CSeq keeps their order.
    if (last !== undefined && (version < last || (version === last && !whole))) return { kind: 'outdated' };
    const dialogs = new Map<string, WatchedDialog>();
    if (!whole) for (const dialog of this.#dialogs) if (stands(dialog)) dialogs.set(dialog.id, dialog);
    for (const dialog of document.dialogs) dialogs.set(dialog.id, dialog);
    if (dialogs.size > maximumDialogs) return new SyntaxFault(`more than ${String(maximumDialogs)} dialogs`, 0, 413);
    this.#version = version;
    this.#dialogs = [...dialogs.values()];
    const state = { entity, dialogs: this.#dialogs };
    return { kind: 'state', state, complete: whole || (last !== undefined && version === last + 1) };
  }
}
