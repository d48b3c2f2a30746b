import { commandWords, findCommand } from './grammar.ts';

/** What can be completed to, besides commands: whom the phone knows, and the calls that are. */
export interface Vocabulary {
  readonly parties: readonly string[];
  readonly calls: readonly string[];
}

export interface Completion {
  /** The line with as much added as is beyond doubt. */
  readonly line: string;
  /** All that would fit, when more than one does; empty when the line is complete, or nothing fits. */
  readonly candidates: readonly string[];
}

/** Completes the last word of a line, as Tab does in a shell. */
export function complete(line: string, { parties, calls }: Vocabulary): Completion {
  const [, before = '', word = ''] = /^([^]*?)(\S*)$/.exec(line) ?? [];
  const [name, ...earlier] = before.trim() === '' ? [] : before.trim().split(/\s+/);
  const command = name === undefined ? undefined : findCommand(name);
  const place = name === undefined ? 'command' : command?.places[earlier.length];
  if (place === undefined) return { line, candidates: [] };
  const known =
    place === 'party'
      ? parties
      : place === 'call'
        ? calls
        : place === 'command'
          ? commandWords.map((each) => each.name)
          : place;
  const fitting = [...new Set(known)].filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
  const [first] = fitting;
  if (first === undefined) return { line, candidates: [] };
  if (fitting.length === 1) return { line: `${before}${first} `, candidates: [] };
  const common = commonStart(fitting);
  return { line: before + (common.length > word.length ? common : word), candidates: fitting };
}

function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (!other.toLowerCase().startsWith(first.slice(0, length).toLowerCase())) length -= 1;
  }
  return first.slice(0, length);
}
