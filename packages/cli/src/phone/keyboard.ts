import { complete } from './completion.ts';
import { edited, entered, inserted, withText } from './line-editor.ts';
import type { Key, LineEditor } from './line-editor.ts';
import type { Situation } from './situation.ts';
import type { Tone } from './view.ts';

/** What the person at the keyboard has before him: the line, the hint above it, a page, how far it is scrolled. */
export interface Desk {
  readonly input: LineEditor;
  readonly hint: string;
  readonly hintTone: Tone;
  readonly page: 'help' | 'log' | undefined;
  readonly scrolled: number;
  /** What was asked for once while there were calls, and is done when it is asked for again. */
  readonly leaving: 'quit' | 'suspend' | undefined;
}

/** What a key comes to: another desk, and a line to carry out, if there is one, or that the phone is to stop for a while. */
export interface Pressed {
  readonly desk: Desk;
  readonly line?: string;
  readonly suspends?: true;
}

/** Lines that Page Up and Page Down go. */
const pageStep = 8;

/** What a key does; the same key on the same desk does the same. */
export function pressed(before: Desk, key: Key, situation: Situation): Pressed {
  const desk: Desk = { ...before, hint: '', hintTone: 'plain', leaving: undefined };
  const { input } = desk;
  if (isQuit(key, input)) return leave('quit', desk, before, situation) ?? { desk, line: 'quit' };
  if (key.ctrl && key.name === 'z') return leave('suspend', desk, before, situation) ?? { desk, suspends: true };
  if (input.text === '' && isDigit(key) && situation.deaf !== undefined) {
    return { desk: { ...desk, hint: `${situation.deaf}: digits reach nobody`, hintTone: 'attention' } };
  }
  const line = actOf(key, situation) ?? (input.text === '' ? shortcutOf(key, situation) : undefined);
  if (line !== undefined) return line === 'help' || line === 'log' ? { desk: opened(desk, line) } : { desk, line };
  switch (key.name) {
    case 'return':
    case 'enter':
      if (input.text.trim() === '') return { desk: { ...desk, page: undefined } };
      return { desk: { ...desk, input: entered(input), page: undefined, scrolled: 0 }, line: input.text };
    case 'tab':
      return { desk: completed(desk, situation) };
    case 'escape':
      if (desk.page !== undefined) return { desk: { ...desk, page: undefined, scrolled: 0 } };
      return { desk: { ...desk, input: withText(input, ''), scrolled: 0 } };
    case 'pageup':
      return { desk: scrolled(desk, desk.page === undefined ? pageStep : -pageStep) };
    case 'pagedown':
      return { desk: scrolled(desk, desk.page === undefined ? -pageStep : pageStep) };
    default:
      return { desk: { ...desk, input: edited(input, key) } };
  }
}

/** A text that was pasted: it goes into the line and is never carried out by itself. */
export function pasted(desk: Desk, text: string): Desk {
  return { ...desk, input: inserted(desk.input, text) };
}

function isQuit({ name, ctrl }: Key, input: LineEditor): boolean {
  return name === 'f10' || (ctrl && name === 'c') || (ctrl && name === 'd' && input.text === '');
}

const consequences = { quit: 'hangs up and quits', suspend: 'stops the phone, and nobody hears anything' } as const;

/** With calls it wants to be asked twice: the desk that asks. */
function leave(
  how: 'quit' | 'suspend',
  desk: Desk,
  before: Desk,
  { calls }: Situation,
): { readonly desk: Desk } | undefined {
  if (calls === 0 || before.leaving === how) return undefined;
  const what = calls === 1 ? 'a call is' : `${String(calls)} calls are`;
  const hint = `${what} not ended: once more ${consequences[how]}`;
  return { desk: { ...desk, hint, hintTone: 'attention', leaving: how } };
}

/** Function keys, which do the same whatever stands in the line. */
function actOf({ name }: Key, situation: Situation): string | undefined {
  const { rings, talks, confers, hold, others, muted, doNotDisturb, calls } = situation;
  switch (name) {
    case 'f1':
      return 'help';
    case 'f2':
      return rings ? 'answer' : undefined;
    case 'f3':
      return hold;
    case 'f4':
      return others ? 'switch' : undefined;
    case 'f5':
      return talks || confers ? `mute ${muted ? 'off' : 'on'}` : undefined;
    case 'f6':
      return `dnd ${doNotDisturb ? 'off' : 'on'}`;
    case 'f7':
      return 'log';
    case 'f8':
      if (calls === 0) return undefined;
      if (confers) return 'leave';
      return rings && !talks ? 'reject' : 'hangup';
    default:
      return undefined;
  }
}

/** In an empty line: what no command begins with acts at once. */
function shortcutOf(key: Key, situation: Situation): string | undefined {
  const { name, sequence, ctrl, meta } = key;
  if (ctrl || meta) return undefined;
  if (sequence === '?') return 'help';
  if (name === 'return' && situation.rings) return 'answer';
  if (name === 'space') return situation.hold;
  return situation.talks && isDigit(key) ? `digits ${sequence}` : undefined;
}

function isDigit({ sequence, ctrl, meta }: Key): boolean {
  return !ctrl && !meta && /^[0-9*#]$/.test(sequence);
}

function opened(desk: Desk, page: 'help' | 'log'): Desk {
  return { ...desk, page: desk.page === page ? undefined : page, scrolled: 0 };
}

function completed(desk: Desk, { vocabulary }: Situation): Desk {
  const { text, cursor } = desk.input;
  const { line, candidates } = complete(text.slice(0, cursor), vocabulary);
  const input = { ...desk.input, text: line + text.slice(cursor), cursor: line.length };
  return { ...desk, input, hint: candidates.join('  ') };
}

function scrolled(desk: Desk, by: number): Desk {
  return { ...desk, scrolled: Math.max(desk.scrolled + by, 0) };
}
