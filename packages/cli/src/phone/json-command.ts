import { digitsPattern, doNotDisturbModes, rejections } from './phone-command.ts';
import type { PhoneCommand } from './phone-command.ts';

/** A line of JSON that was read as a command, with what the program calls it. */
export interface NamedCommand {
  /** As it came; it comes back with what became of the command. */
  readonly id: string | number | undefined;
  readonly command: PhoneCommand;
}

/** A line that is no command, and why. `id` where one could be read. */
export interface BadCommand {
  readonly id: string | number | undefined;
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

  /** The number of a call, where one is named. */
  call(): { readonly call?: number } {
    const value = this.#get('call');
    if (value === undefined) return {};
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return { call: value };
    this.complaint ??= '"call" has to be the number of a call';
    return {};
  }

  on(): boolean {
    const value = this.#get('on');
    if (value === undefined || typeof value === 'boolean') return value ?? true;
    this.complaint ??= '"on" has to be true or false';
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
  mute: (fields) => ({ command: 'mute', on: fields.on() }),
  message: (fields) => ({ command: 'message', to: fields.text('to'), text: fields.text('text') }),
  dnd: (fields) => ({ command: 'dnd', mode: fields.choice('mode', doNotDisturbModes) ?? 'busy' }),
  waiting: (fields) => ({ command: 'waiting', on: fields.on() }),
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
  if (!isCommandName(name)) return { id, complaint: `"command" has to be one of ${jsonCommandNames.join(', ')}` };
  const fields = new Fields(object);
  const command = readers[name](fields);
  const unknown = fields.unknown();
  if (unknown !== undefined) fields.complaint ??= `${name} has no "${unknown}"`;
  return fields.complaint === undefined ? { id, command } : { id, complaint: fields.complaint };
}
