import { setFlagsFromString } from 'node:v8';
import { exitCodes, UsageError } from './command.ts';
import type { Command, Mistaken, Terminal } from './command.ts';
import { printHelp } from './help-layout.ts';
import { packageVersion } from './version.ts';
import { typed } from './typed-command.ts';

/** A command is loaded when it is run: what one of them needs the others do not have to carry. */
interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: Readonly<Record<string, CommandEntry>> = {
  phone: {
    summary: 'a telephone in the terminal',
    async load() {
      // A phone makes little garbage: a young generation that does not grow keeps its process some megabytes smaller.
      setFlagsFromString('--semi-space-growth-factor=1');
      return (await import('./commands/phone.ts')).phone;
    },
  },
  dial: {
    summary: 'have your telephone call somebody; handle sip: and tel: links',
    load: async () => (await import('./commands/dial.ts')).dial,
  },
  serve: { summary: 'run the exchange', load: async () => (await import('./commands/serve.ts')).serve },
  users: {
    summary: 'add, change, list and remove subscribers',
    load: async () => (await import('./commands/users.ts')).users,
  },
  status: {
    summary: 'show the registrations and calls of the running exchange',
    load: async () => (await import('./commands/status.ts')).status,
  },
  set: {
    summary: 'show and change what a subscriber wants done with his calls',
    load: async () => (await import('./commands/set.ts')).set,
  },
  codes: {
    summary: 'list what can be dialled to change settings',
    load: async () => (await import('./commands/codes.ts')).codes,
  },
  explain: {
    summary: 'tell why a call goes where it goes',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  ladder: { summary: 'draw the messages of a call', load: async () => (await import('./commands/ladder.ts')).ladder },
  flow: {
    summary: 'play a flow of RFC 5359 and draw its ladder',
    load: async () => (await import('./commands/flow.ts')).flow,
  },
  config: {
    summary: 'print the JSON schema of the configuration file',
    load: async () => (await import('./commands/config.ts')).config,
  },
};

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
  if (word === undefined) {
    terminal.complain(help);
    return exitCodes.usage;
  }
  const [about] = rest;
  if (word === 'help' && about !== undefined && !about.startsWith('-')) return run([about, '--help'], terminal);
  if (word === '--help' || word === '-h' || word === 'help') {
    printHelp(help, terminal);
    return exitCodes.done;
  }
  const entry = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (entry === undefined) {
    const near = await suggestion({ word, known: Object.keys(commands) });
    terminal.complain(`switchhook: there is no command "${word}"${near}\n${typed('--help')} lists them\n`);
    return exitCodes.usage;
  }
  try {
    const command = await entry.load();
    return await command.run(rest, terminal);
  } catch (error) {
    return await complain(error, word, terminal);
  }
}

/** What was probably meant, to be said behind what is wrong. */
async function suggestion(mistaken: Mistaken | undefined): Promise<string> {
  if (mistaken === undefined) return '';
  const { suggest } = await import('@switchhook/exchange');
  const near = suggest(mistaken.word, mistaken.known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

async function complain(error: unknown, word: string, terminal: Terminal): Promise<number> {
  if (error instanceof UsageError) {
    const near = await suggestion(error.mistaken);
    terminal.complain(`switchhook ${word}: ${error.message}${near}\n${typed(`${word} --help`)} tells more\n`);
    return exitCodes.usage;
  }
  const { ConfigurationError, ExchangeError, fileErrorText } = await import('@switchhook/exchange');
  if (error instanceof ConfigurationError) {
    terminal.complain(`${error.message}\n`);
    return exitCodes.configuration;
  }
  if (error instanceof ExchangeError) {
    terminal.complain(`switchhook: ${error.message}\n`);
    return exitCodes.failed;
  }
  const { MediaError } = await import('@switchhook/media');
  if (error instanceof MediaError) {
    terminal.complain(`switchhook ${word}: ${error.message}\n`);
    return exitCodes.failed;
  }
  const fileError = fileErrorText(error);
  if (fileError !== undefined) {
    terminal.complain(`switchhook: ${fileError}\n`);
    return exitCodes.failed;
  }
  throw error;
}
