import { digitsPattern, doNotDisturbModes, redialModes, rejections, usualParkingLot } from './phone-command.ts';
import type { PhoneCommand } from './phone-command.ts';

/** A line of JSON that was read as a command, with what the program calls it. */
export interface NamedCommand {
  /** As it came; it comes back with what became of the command. */
  readonly id: string | number | undefined;
  readonly command: PhoneCommand;
}

/** A line that is no command, and why. `id`, and the name of the command, where they could be read. */
export interface BadCommand {
  readonly id: string | number | undefined;
  readonly name?: PhoneCommand['command'];
  readonly complaint: string;
}

/** Characters that a line may have. */
export const longestLine = 65_536;

/** The fields of one command; a field that is missing or wrong is remembered as a complaint. */
class Fields {
  complaint: string | undefined;
  readonly #object: ReadonlyMap<string, unknown>;
  readonly #asked = new Set(['command', 'id']);

  constructor(object: ReadonlyMap<string, unknown>) {
    this.#object = object;
  }

  text(name: string): string {
    const value = this.#get(name);
    if (typeof value === 'string' && value !== '') return value;
    this.complaint ??= `"${name}" has to be a text`;
    return '';
  }

  /** A text that may be left out. */
  optional<const Name extends string>(name: Name): { readonly [Key in Name]?: string } {
    const result: { [Key in Name]?: string } = {};
    if (this.#object.has(name)) result[name] = this.text(name);
    return result;
  }

  /** One text, or a list of them. */
  texts(name: string): readonly string[] {
    const value = this.#get(name);
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '')) return texts.map(String);
    this.complaint ??= `"${name}" has to be a text, or a list of texts`;
    return [];
  }

  /** The number of a call, or of a question, where one is named. */
  number(name: 'call' | 'other' | 'question'): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    this.complaint ??= `"${name}" has to be the number of a ${name === 'question' ? name : 'call'}`;
    return undefined;
  }

  /** The number of a call that has to be named. */
  needed(name: 'call'): number {
    const number = this.number(name);
    if (number === undefined) this.complaint ??= `"${name}" has to be the number of a call`;
    return number ?? 0;
  }

  /** The numbers of calls. */
  numbers(name: string): readonly number[] {
    const value = this.#get(name);
    const numbers: readonly unknown[] = Array.isArray(value) ? value : [];
    const found = numbers.filter((each) => typeof each === 'number' && Number.isInteger(each) && each > 0).map(Number);
    if (found.length === 0 || found.length < numbers.length) this.complaint ??= `"${name}" has to be a list of numbers`;
    return found;
  }

  call(): { readonly call?: number } {
    const call = this.number('call');
    return call === undefined ? {} : { call };
  }

  question(): { readonly question?: number } {
    const question = this.number('question');
    return question === undefined ? {} : { question };
  }

  has(name: string): boolean {
    return this.#object.has(name);
  }

  /** True where nothing is said. */
  flag(name: string): boolean {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'boolean') return value ?? true;
    this.complaint ??= `"${name}" has to be true or false`;
    return false;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.#get(name);
    const found = choices.find((choice) => choice === value);
    if (value !== undefined && found === undefined) this.complaint ??= `"${name}" has to be ${choices.join(', ')}`;
    return found;
  }

  /** What nobody asked for is a mistake of whoever wrote the line. */
  unknown(): string | undefined {
    for (const name of this.#object.keys()) if (!this.#asked.has(name)) return name;
    return undefined;
  }

  #get(name: string): unknown {
    this.#asked.add(name);
    return this.#object.get(name);
  }
}

const readers: Readonly<Record<PhoneCommand['command'], (fields: Fields) => PhoneCommand>> = {
  call: (fields) => ({ command: 'call', to: fields.text('to') }),
  why: () => ({ command: 'why' }),
  answer: (fields) => ({ command: 'answer', ...fields.call() }),
  reject(fields) {
    const as = fields.choice('as', rejections);
    return { command: 'reject', ...fields.call(), ...(as === undefined ? {} : { as }) };
  },
  hold: (fields) => ({ command: 'hold', ...fields.call() }),
  resume: (fields) => ({ command: 'resume', ...fields.call() }),
  switch: (fields) => ({ command: 'switch', ...fields.call() }),
  hangup: (fields) => ({ command: 'hangup', ...fields.call() }),
  digits(fields) {
    const digits = fields.text('digits');
    if (!digitsPattern.test(digits)) fields.complaint ??= '"digits" are 0 to 9, *, # and A to D';
    return { command: 'digits', digits: digits.toUpperCase() };
  },
  mute: (fields) => ({ command: 'mute', on: fields.flag('on'), ...fields.call() }),
  conference: (fields) => ({
    command: 'conference',
    ...(fields.has('calls') ? { calls: fields.numbers('calls') } : {}),
    ...(fields.has('lasting') ? { lasting: fields.flag('lasting') } : {}),
  }),
  add(fields) {
    if (fields.has('to')) return { command: 'add', whom: fields.text('to') };
    return { command: 'add', whom: fields.needed('call') };
  },
  drop: (fields) => ({ command: 'drop', call: fields.needed('call') }),
  roster: () => ({ command: 'roster' }),
  attend: () => ({ command: 'attend' }),
  leave: () => ({ command: 'leave' }),
  end: () => ({ command: 'end' }),
  join: (fields) => ({ command: 'join', to: fields.text('to') }),
  music: (fields) => ({ command: 'music', ...fields.call(), ...fields.optional('from') }),
  transfer: (fields) => ({
    command: 'transfer',
    to: fields.text('to'),
    ...fields.call(),
    ...(fields.has('stay') ? { stay: fields.flag('stay') } : {}),
  }),
  connect(fields) {
    const other = fields.number('other');
    return { command: 'connect', ...fields.call(), ...(other === undefined ? {} : { other }) };
  },
  offer: (fields) => ({ command: 'offer', to: fields.text('to'), ...fields.call() }),
  follow: () => ({ command: 'follow' }),
  accept: (fields) => ({ command: 'accept', ...fields.question() }),
  refuse: (fields) => ({ command: 'refuse', ...fields.question() }),
  dialwith: (fields) => ({ command: 'dialwith', device: fields.text('device'), to: fields.text('to') }),
  pickup: (fields) => ({
    command: 'pickup',
    from: fields.texts('from'),
    ...(fields.has('answered') ? { answered: fields.flag('answered') } : {}),
  }),
  redial: (fields) => ({
    command: 'redial',
    mode: fields.choice('mode', redialModes) ?? 'call',
    ...fields.optional('to'),
  }),
  park: (fields) => ({ command: 'park', at: fields.optional('at').at ?? usualParkingLot, ...fields.call() }),
  retrieve: (fields) => ({ command: 'retrieve', ...fields.optional('from'), ...fields.optional('whom') }),
  message: (fields) => ({ command: 'message', to: fields.text('to'), text: fields.text('text') }),
  dnd: (fields) => ({ command: 'dnd', mode: fields.choice('mode', doNotDisturbModes) ?? 'busy' }),
  waiting: (fields) => ({ command: 'waiting', on: fields.flag('on') }),
  register: () => ({ command: 'register' }),
  unregister: () => ({ command: 'unregister' }),
  status: () => ({ command: 'status' }),
  log: () => ({ command: 'log' }),
  quit: () => ({ command: 'quit' }),
};

function isCommandName(name: unknown): name is PhoneCommand['command'] {
  return typeof name === 'string' && Object.hasOwn(readers, name);
}

/** Every command that can be written as a line of JSON. */
export const jsonCommandNames: readonly string[] = Object.keys(readers);

/** Characters of an unknown command that are said again. */
const longestName = 64;

function whatIsThere(name: unknown): string {
  const wrong = typeof name === 'string' ? `there is no command "${name.slice(0, longestName)}": ` : '';
  return `${wrong}"command" has to be one of ${jsonCommandNames.join(', ')}`;
}

/** Reads one line of what a program writes to the phone. */
export function readJsonCommand(line: string): NamedCommand | BadCommand {
  if (line.length > longestLine)
    return { id: undefined, complaint: `the line is longer than ${longestLine} characters` };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { id: undefined, complaint: 'the line is no JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { id: undefined, complaint: 'the line is no JSON object' };
  }
  const object = new Map<string, unknown>(Object.entries(value));
  const given = object.get('id');
  const id = typeof given === 'string' || typeof given === 'number' ? given : undefined;
  if (given !== undefined && id === undefined) return { id, complaint: '"id" has to be a text or a number' };
  const name = object.get('command');
  if (!isCommandName(name)) return { id, complaint: whatIsThere(name) };
  const fields = new Fields(object);
  const command = readers[name](fields);
  const unknown = fields.unknown();
  if (unknown !== undefined) fields.complaint ??= `${name} has no "${unknown}"`;
  return fields.complaint === undefined ? { id, command } : { id, name, complaint: fields.complaint };
}
