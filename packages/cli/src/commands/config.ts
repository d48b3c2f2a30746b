import { configurationJsonSchema } from '@switchhook/exchange';
import { exitCodes, UsageError } from '../command.ts';
import type { Command } from '../command.ts';
import { parseCommandLine } from '../arguments.ts';
import { printHelp } from '../help-layout.ts';

/** `switchhook config schema` */
export const config: Command = {
  help: `Usage: switchhook config schema

Prints the JSON schema of the configuration file, for editors that complete and check YAML.

  -h, --help           this text

Examples:
  switchhook config schema > switchhook.schema.json
`,
  run(parameters, terminal) {
    const { positionals, values } = parseCommandLine(parameters, { help: { type: 'boolean', short: 'h' } });
    if (values.help === true) {
      printHelp(this.help, terminal);
      return exitCodes.done;
    }
    if (positionals.length !== 1 || positionals[0] !== 'schema') throw new UsageError('say: switchhook config schema');
    terminal.print(configurationJsonSchema());
    return exitCodes.done;
  },
};
