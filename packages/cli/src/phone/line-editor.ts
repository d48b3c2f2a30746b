/** A key as `node:readline` tells it. */
export interface Key {
  /** `left`, `return`, `f1`, `a`; undefined for characters that have no name. */
  readonly name?: string | undefined;
  readonly ctrl: boolean;
  readonly meta: boolean;
  /** What the terminal sent. */
  readonly sequence: string;
}

/** The input line: what is written, where the cursor stands, and the lines before. Immutable. */
export interface LineEditor {
  readonly text: string;
  /** In UTF-16 units from the start, never inside a character that people see as one. */
  readonly cursor: number;
  readonly history: readonly string[];
  /** Which line of the history is shown; as long as the history when it is none. */
  readonly place: number;
  /** What was written before the history was looked at. */
  readonly draft: string;
}

/** Lines that the history keeps. */
const historyKept = 200;
/** Characters that a line may have. */
export const lineLength = 4_000;

const segmenter = new Intl.Segmenter();

export const emptyLine: LineEditor = { text: '', cursor: 0, history: [], place: 0, draft: '' };

/** The line with another text, the cursor behind it. */
export function withText(editor: LineEditor, text: string): LineEditor {
  return { ...editor, text, cursor: text.length };
}

/** The line was sent: it is empty, and the history has one more. */
export function entered(editor: LineEditor): LineEditor {
  const { text, history } = editor;
  const kept = text.trim() === '' || history.at(-1) === text ? history : [...history, text].slice(-historyKept);
  return { text: '', cursor: 0, history: kept, place: kept.length, draft: '' };
}

type Edit = (editor: LineEditor) => LineEditor;

function moved(editor: LineEditor, cursor: number): LineEditor {
  return { ...editor, cursor };
}

function without(editor: LineEditor, from: number, to: number): LineEditor {
  return { ...editor, text: editor.text.slice(0, from) + editor.text.slice(to), cursor: from };
}

/** Where the character before the cursor begins. */
function previous({ text, cursor }: LineEditor): number {
  let start = 0;
  for (const { index } of segmenter.segment(text.slice(0, cursor))) start = index;
  return start;
}

/** Where the character at the cursor ends. */
function next({ text, cursor }: LineEditor): number {
  const first = segmenter.segment(text.slice(cursor)).containing(0);
  return cursor + (first?.segment.length ?? 0);
}

function previousWord({ text, cursor }: LineEditor): number {
  return text.slice(0, cursor).replace(/\S*\s*$/, '').length;
}

function nextWord({ text, cursor }: LineEditor): number {
  return cursor + (/^\s*\S*/.exec(text.slice(cursor))?.[0].length ?? 0);
}

function recalled(editor: LineEditor, step: number): LineEditor {
  const { history, text, place } = editor;
  const draft = place === history.length ? text : editor.draft;
  const to = Math.min(Math.max(place + step, 0), history.length);
  return to === place ? editor : { ...withText(editor, history[to] ?? draft), place: to, draft };
}

const named: Readonly<Record<string, Edit>> = {
  left: (editor) => moved(editor, previous(editor)),
  right: (editor) => moved(editor, next(editor)),
  home: (editor) => moved(editor, 0),
  end: (editor) => moved(editor, editor.text.length),
  backspace: (editor) => without(editor, previous(editor), editor.cursor),
  delete: (editor) => without(editor, editor.cursor, next(editor)),
  up: (editor) => recalled(editor, -1),
  down: (editor) => recalled(editor, 1),
};

const controlled: Readonly<Record<string, Edit>> = {
  a: (editor) => moved(editor, 0),
  e: (editor) => moved(editor, editor.text.length),
  b: (editor) => moved(editor, previous(editor)),
  f: (editor) => moved(editor, next(editor)),
  d: (editor) => without(editor, editor.cursor, next(editor)),
  h: (editor) => without(editor, previous(editor), editor.cursor),
  k: (editor) => without(editor, editor.cursor, editor.text.length),
  u: (editor) => without(editor, 0, editor.cursor),
  w: (editor) => without(editor, previousWord(editor), editor.cursor),
  p: (editor) => recalled(editor, -1),
  n: (editor) => recalled(editor, 1),
  left: (editor) => moved(editor, previousWord(editor)),
  right: (editor) => moved(editor, nextWord(editor)),
};

const withMeta: Readonly<Record<string, Edit>> = {
  b: (editor) => moved(editor, previousWord(editor)),
  f: (editor) => moved(editor, nextWord(editor)),
  d: (editor) => without(editor, editor.cursor, nextWord(editor)),
  backspace: (editor) => without(editor, previousWord(editor), editor.cursor),
};

/** Characters that a terminal obeys do not get into the line, pasted or typed. */
const controls = /[\u0000-\u001f\u007f-\u009f]+/g;

/** The line after a key; the same line when the key edits nothing. */
export function edited(editor: LineEditor, { name = '', ctrl, meta, sequence }: Key): LineEditor {
  const edits = ctrl ? controlled : meta ? withMeta : named;
  const edit = Object.hasOwn(edits, name) ? edits[name] : undefined;
  if (edit !== undefined) return edit(editor);
  // Keys that have no text: escape sequences, Return, Tab.
  if (ctrl || meta || /^[\u0000-\u001f\u007f]/.test(sequence)) return editor;
  return inserted(editor, sequence);
}

/** The line with a text put in at the cursor, typed or pasted. */
export function inserted(editor: LineEditor, text: string): LineEditor {
  const { cursor } = editor;
  const room = lineLength - editor.text.length;
  const clean = text.replace(controls, ' ').slice(0, Math.max(room, 0));
  if (clean === '') return editor;
  return {
    ...editor,
    text: editor.text.slice(0, cursor) + clean + editor.text.slice(cursor),
    cursor: cursor + clean.length,
  };
}
