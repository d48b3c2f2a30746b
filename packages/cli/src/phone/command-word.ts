import type { CallName, PhoneCommand } from './phone-command.ts';

/** A line that says no command, and why, for a person. */
export interface Complaint {
  readonly complaint: string;
}

/** What may stand in one place of a command, for completion. */
export type Place = 'party' | 'call' | 'command' | readonly string[];

/** One word of the input line. */
export interface CommandWord {
  readonly name: string;
  /** What does the same: shorter ones, and what else people say. */
  readonly aliases: readonly string[];
  /** As help writes it behind the name. */
  readonly parameters: string;
  /** What it does, as short as the list of commands wants it. */
  readonly brief: string;
  /** What it does, when that is asked for. */
  readonly help: string;
  /** What Tab completes, place by place. */
  readonly places: readonly Place[];
  parse(rest: string): PhoneCommand | Complaint | HelpWish;
}

/** The person wants to read about a command, or about all of them. */
export interface HelpWish {
  readonly command: 'help';
  readonly about?: string;
}

export const onOff = ['on', 'off'] as const;

export function complaint(text: string): Complaint {
  return { complaint: text };
}

/** A call by its number, or by whom it is with; or none. */
export function onCall<const Name extends string>(command: Name) {
  return (rest: string): { readonly command: Name; readonly call?: CallName } | Complaint => {
    if (/\s/.test(rest)) return complaint(`say: ${command} [CALL]`);
    return { command, ...callField(rest) };
  };
}

/** What a word says of a call; nothing where there is none. */
export function callField(word: string | undefined): { readonly call?: CallName } {
  return word === undefined || word === '' ? {} : { call: callName(word) };
}

export function callName(word: string): CallName {
  return isCallNumber(word) ? Number(word) : word;
}

export function isCallNumber(word: string): boolean {
  return /^[1-9]\d{0,5}$/.test(word);
}

export function alone<const Name extends string>(command: Name) {
  return (rest: string): { readonly command: Name } | Complaint =>
    rest === '' ? { command } : complaint(`${command} takes nothing behind it`);
}

export function oneOf<const Choice extends string>(choices: readonly Choice[], text: string): Choice | undefined {
  return choices.find((choice) => choice === text.toLowerCase());
}
