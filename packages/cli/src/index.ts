import { ConfigurationError, ExchangeError, fileErrorText } from '@switchhook/exchange';
import { exitCodes, UsageError } from './command.ts';
import type { Command, Terminal } from './command.ts';
import { config } from './commands/config.ts';
import { ladder } from './commands/ladder.ts';
import { serve } from './commands/serve.ts';
import { status } from './commands/status.ts';
import { users } from './commands/users.ts';
import { packageVersion } from './version.ts';

const commands: Readonly<Record<string, Command>> = { serve, users, status, ladder, config };

const help = `Usage: switchhook COMMAND [OPTIONS]

${Object.entries(commands)
  .map(([name, command]) => `  ${name.padEnd(8)} ${command.summary}`)
  .join('\n')}

\`switchhook COMMAND --help\` tells more; --version prints the version.

Exit codes: 0 done, 1 it failed, 2 the command line is wrong, 3 the configuration is wrong,
4 no running exchange answers.
`;

/** Runs one command line and answers with its exit code. */
export async function run(parameters: readonly string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = parameters;
  if (word === '--version' || rest.includes('--version')) {
    terminal.print(`switchhook ${packageVersion()}\n`);
    return exitCodes.done;
  }
  if (word === undefined || word === '--help' || word === '-h' || word === 'help') {
    terminal.print(help);
    return word === undefined ? exitCodes.usage : exitCodes.done;
  }
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command === undefined) {
    terminal.complain(`switchhook: there is no command "${word}"; switchhook --help lists them\n`);
    return exitCodes.usage;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    return complain(error, word, terminal);
  }
}

function complain(error: unknown, word: string, terminal: Terminal): number {
  if (error instanceof UsageError) {
    terminal.complain(`switchhook ${word}: ${error.message}\nswitchhook ${word} --help tells more\n`);
    return exitCodes.usage;
  }
  if (error instanceof ConfigurationError) {
    terminal.complain(`${error.message}\n`);
    return exitCodes.configuration;
  }
  if (error instanceof ExchangeError) {
    terminal.complain(`switchhook: ${error.message}\n`);
    return exitCodes.failed;
  }
  const fileError = fileErrorText(error);
  if (fileError !== undefined) {
    terminal.complain(`switchhook: ${fileError}\n`);
    return exitCodes.failed;
  }
  throw error;
}
