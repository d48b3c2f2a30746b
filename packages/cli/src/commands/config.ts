import { configurationJsonSchema } from '@switchhook/exchange';
import { exitCodes, UsageError } from '../command.ts';
import { commandOf } from '../arguments.ts';
import { typed } from '../typed-command.ts';

/** `switchhook config schema` */
export const config = commandOf(
  `Usage: switchhook config schema

Prints the JSON schema of the configuration file, for editors that complete and check YAML.

  -h, --help           this text

Examples:
  switchhook config schema > switchhook.schema.json
`,
  {},
  ({ positionals }, terminal) => {
    if (positionals.length !== 1 || positionals[0] !== 'schema') throw new UsageError(`say: ${typed('config schema')}`);
    terminal.print(configurationJsonSchema());
    return exitCodes.done;
  },
);
