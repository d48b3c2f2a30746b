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
  /** Quitting was asked for once while there were calls. */
  readonly leaving: boolean;
}

/** What a key comes to: another desk, and a line to carry out, if there is one. */
export interface Pressed {
  readonly desk: Desk;
  readonly line?: string;
}

/** Lines that Page Up and Page Down go. */
const pageStep = 8;

/** What a key does; the same key on the same desk does the same. */
export function pressed(before: Desk, key: Key, situation: Situation): Pressed {
  const desk: Desk = { ...before, hint: '', hintTone: 'plain', leaving: false };
  const { input } = desk;
  if (isQuit(key, input)) return quit(desk, before.leaving, situation);
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

/** With calls it wants to be asked twice. */
function quit(desk: Desk, again: boolean, { calls }: Situation): Pressed {
  if (calls === 0 || again) return { desk, line: 'quit' };
  const hint = `${calls === 1 ? 'a call is' : `${String(calls)} calls are`} not ended: once more hangs up and quits`;
  return { desk: { ...desk, hint, hintTone: 'attention', leaving: true } };
}

/** Function keys, which do the same whatever stands in the line. */
function actOf({ name }: Key, situation: Situation): string | undefined {
  const { rings, talks, hold, others, muted, doNotDisturb, calls } = situation;
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
      return talks ? `mute ${muted ? 'off' : 'on'}` : undefined;
    case 'f6':
      return `dnd ${doNotDisturb ? 'off' : 'on'}`;
    case 'f7':
      return 'log';
    case 'f8':
      if (calls === 0) return undefined;
      return rings && !talks ? 'reject' : 'hangup';
    default:
      return undefined;
  }
}

/** In an empty line: what no command begins with acts at once. */
function shortcutOf({ name, sequence, ctrl, meta }: Key, situation: Situation): string | undefined {
  if (ctrl || meta) return undefined;
  if (sequence === '?') return 'help';
  if (name === 'return' && situation.rings) return 'answer';
  if (name === 'space') return situation.hold;
  return situation.talks && /^[0-9*#]$/.test(sequence) ? `digits ${sequence}` : undefined;
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
