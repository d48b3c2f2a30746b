import { askExchange } from '../admin-client.ts';
import { readAnswer } from '../answer.ts';
import { commandOf } from '../arguments.ts';
import { exitCodes, UsageError } from '../command.ts';
import { dataFolderOf, folderHelp, folderOptions } from '../data-folder.ts';
import { typed } from '../typed-command.ts';

/** How the value of a setting is written on a command line. */
type Writing = 'text' | 'number' | 'flag' | 'list';

const writings: Readonly<Record<string, Writing>> = {
  'forward.always': 'text',
  'forward.busy': 'text',
  'forward.noAnswer': 'text',
  'forward.unavailable': 'text',
  'forward.ringTime': 'number',
  'forward.by': 'text',
  doNotDisturb: 'flag',
  'busy.lines': 'number',
  'busy.whenOneIs': 'flag',
  'findMe.ring': 'text',
  'findMe.places': 'list',
  'screening.incoming.allow': 'list',
  'screening.incoming.deny': 'list',
  'screening.outgoing.allow': 'list',
  'screening.outgoing.deny': 'list',
  timeZone: 'text',
};

const options = { ...folderOptions, reset: { type: 'boolean' } } as const;

/** `switchhook set` */
export const set = commandOf(
  `Usage: switchhook set USER[@DOMAIN]
       switchhook set USER[@DOMAIN] SETTING VALUE
       switchhook set --reset USER[@DOMAIN]

Shows or changes what a subscriber wants done with his calls. A change counts from the next call on.
"off" takes a setting away. A list is written with commas, or as JSON.

${Object.entries(writings)
  .map(([name, writing]) => `  ${name.padEnd(25)} ${writing}`)
  .join('\n')}

      --reset          take back what was set: the configuration file counts again
${folderHelp}

Examples:
  switchhook set bob forward.noAnswer sip:carol@example.com
  switchhook set bob forward.noAnswer off
`,
  options,
  async ({ values, positionals }, terminal) => {
    const [address, name, ...written] = positionals;
    if (address === undefined) throw new UsageError(`name the subscriber: ${typed('set USER[@DOMAIN]')}`);
    if (values.reset === true && name !== undefined)
      throw new UsageError('--reset takes back everything, and no value');
    if (name !== undefined) checkName(name);
    if (name !== undefined && written.length === 0) throw new UsageError(`say what ${name} shall be, or off`);
    const change = values.reset === true ? ({ method: 'DELETE' } as const) : changeOf(name, written.join(' '));
    const path = `/api/subscribers/${encodeURIComponent(address)}/settings`;
    const answer = await askExchange(await dataFolderOf(values), path, change);
    if (answer.kind === 'answer' && answer.status === 404) {
      const who = `\`${typed('users list')}\` shows who was added, and the configuration file has the others`;
      terminal.complain(`switchhook: there is no subscriber ${JSON.stringify(address)}; ${who}\n`);
      return exitCodes.failed;
    }
    return readAnswer(answer, terminal, (settings) => {
      const lines = linesOf(settings);
      terminal.print(lines.length === 0 ? 'nothing is set\n' : lines.map((line) => `${line}\n`).join(''));
    });
  },
);

function changeOf(name: string | undefined, written: string): { method: 'PATCH'; body: unknown } | undefined {
  if (name === undefined) return undefined;
  const value = valueOf(checkName(name), written, name);
  return { method: 'PATCH', body: name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) };
}

/** How the setting of that name is written; complains where there is none. */
function checkName(name: string): Writing {
  const writing = Object.hasOwn(writings, name) ? writings[name] : undefined;
  if (writing !== undefined) return writing;
  const known = Object.keys(writings);
  throw new UsageError(`there is no setting "${name}"; there are ${known.join(', ')}`, { word: name, known });
}

function valueOf(writing: Writing, written: string, name: string): unknown {
  if (written === 'off') return writing === 'flag' ? false : null;
  switch (writing) {
    case 'text':
      return written;
    case 'number':
      // What is no number goes as it is, and is refused with a reason.
      return Number.isNaN(Number(written)) ? written : Number(written);
    case 'flag':
      if (written !== 'on') throw new UsageError(`${name} is on or off`);
      return true;
    case 'list':
      return written.startsWith('[') ? json(written, name) : written.split(',').map((entry) => entry.trim());
  }
}

function json(written: string, name: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    throw new UsageError(`${name} begins like JSON and is none`);
  }
}

/** `forward.busy carol`, as it would be typed. */
function linesOf(value: unknown, name = ''): string[] {
  if (Array.isArray(value)) {
    const isPlain = value.every((entry) => typeof entry === 'string');
    return [`${name} ${isPlain ? value.join(', ') : JSON.stringify(value)}`];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => linesOf(inner, name === '' ? key : `${name}.${key}`));
  }
  if (typeof value === 'boolean') return [`${name} ${value ? 'on' : 'off'}`];
  return [`${name} ${String(value)}`];
}
