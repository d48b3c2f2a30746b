import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { UsageError } from './command.ts';

/** `node:util` parseArgs, with its complaints as {@link UsageError}. */
export function parseCommandLine<const Options extends ParseArgsOptionsConfig>(
  parameters: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...parameters], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with "-", which none of ours does.
    const [sentence = message] = message.split('. To specify');
    const word = /^Unknown option '(--[^']+)'/.exec(sentence)?.[1];
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(sentence, word === undefined ? undefined : { word, known });
  }
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
