import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { exitCodes, UsageError } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { printHelp } from './help-layout.ts';

/** `node:util` parseArgs, with its complaints as {@link UsageError}. */
function parseCommandLine<const Options extends ParseArgsOptionsConfig>(
  parameters: readonly string[],
  options: Options,
) {
  try {
    const line = parseArgs({ args: [...parameters], options, allowPositionals: true, strict: true });
    refuseEmpty(line.values);
    return line;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with "-", which none of ours does.
    const [sentence = message] = message.split('. To specify');
    const bare = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument (missing|is ambiguous)/.exec(sentence);
    if (bare !== null) {
      const [, option = '', how] = bare;
      throw new UsageError(
        `${option} wants a value${how === 'missing' ? '' : `; one that begins with - is written ${option}=-…`}`,
      );
    }
    const word = /^Unknown option '(--[^']+)'/.exec(sentence)?.[1];
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(sentence, word === undefined ? undefined : { word, known });
  }
}

/** What is empty is a variable of a shell that was not set, mostly; as the name of a folder it would mean this one. */
function refuseEmpty(values: Readonly<Record<string, unknown>>): void {
  const empty = Object.keys(values).find((name) => [values[name]].flat().includes(''));
  if (empty !== undefined) throw new UsageError(`--${empty} is given, and empty`);
}

const helpOption = { help: { type: 'boolean', short: 'h' } } as const;

/** What stands on the line of a command that has these options. */
export type CommandLine<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseCommandLine<Options & typeof helpOption>
>;

/** Makes a command of its options and of what it does with them. Each has `--help` beside its own. */
export function commandOf<const Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
  run: (line: CommandLine<Options>, terminal: Terminal) => Promise<number> | number,
): Command {
  return {
    help,
    run(parameters, terminal) {
      const line = parseCommandLine(parameters, { ...options, ...helpOption });
      if (!('help' in line.values)) return run(line, terminal);
      printHelp(help, terminal);
      return exitCodes.done;
    },
  };
}

/** Complains of options that were given where they mean nothing. */
export function refuseOptions(values: Readonly<Record<string, unknown>>, names: readonly string[], why: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} ${why}`);
}

/** Complains of arguments that a command has no use for. */
export function refuseFurther(further: readonly string[]): void {
  if (further.length > 0) throw new UsageError(`"${further.join(' ')}" is too much`);
}

/** The value of an option that has to be one of these, where it was given. */
export function oneOf<Choice extends string>(
  option: string,
  choices: readonly Choice[],
  value: string | undefined,
): Choice | undefined {
  const found = choices.find((choice) => choice === value);
  if (value === undefined || found !== undefined) return found;
  throw new UsageError(`${option} is one of ${choices.join(', ')}`);
}
