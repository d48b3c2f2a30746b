import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The options by which every command finds the data folder. */
export const folderOptions = {
  config: { type: 'string', short: 'c' },
  data: { type: 'string', short: 'd' },
} as const;

/** Help for {@link folderOptions}. */
export const folderHelp = `  -c, --config FILE    the configuration of the exchange
  -d, --data DIR       its data folder (default: what the configuration says, else ./data)
  -h, --help           this text`;

/** Where the exchange keeps its data, by the command line, else the configuration, else ./data. */
export async function dataFolderOf(values: {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
}): Promise<string> {
  if (values.data !== undefined) return resolve(values.data);
  if (values.config === undefined) return resolve('data');
  const { loadConfiguration } = await import('@switchhook/exchange');
  return loadConfiguration(values.config).dataFolder;
}

/**
 * Where the calls of an address are written down: in the folder of the person's state (XDG Base Directory Specification), or
 * in the data folder that he names.
 */
export function callLogFile(
  { data }: { readonly data?: string | undefined },
  address: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const state = environment['XDG_STATE_HOME'] ?? '';
  // A relative path in it is to be passed over, the specification says.
  const home = state.startsWith('/') ? state : join(homedir(), '.local', 'state');
  const folder = data === undefined ? join(home, 'switchhook') : resolve(data);
  return join(folder, 'calls', `${encodeURIComponent(address).replaceAll('%40', '@')}.jsonl`);
}
