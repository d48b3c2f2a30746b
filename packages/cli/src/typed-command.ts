import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, join, relative } from 'node:path';

/** How this process came to run. */
export interface Start {
  /** The file that Node was given, through whatever links. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** The managers of packages, and what is typed to have each run a command of a package. */
const managers: Readonly<Record<string, string>> = {
  npm: 'npx switchhook',
  pnpm: 'pnpm exec switchhook',
  yarn: 'yarn switchhook',
  bun: 'bunx switchhook',
};

/** What is typed to run `switchhook` once more the way it was run: through a manager of packages, from the PATH, or by its file. */
export function invocationOf({ program, environment, folder }: Start): string {
  // The repository runs as it is written, and has a script of npm for it; a package holds what was built of it.
  if (program.endsWith('.ts')) return 'npm run switchhook --';
  const manager = environment['npm_config_user_agent']?.split('/')[0];
  if (manager !== undefined) return managers[manager] ?? 'npx switchhook';
  const places = (environment['PATH'] ?? '').split(delimiter).map((place) => join(place, 'switchhook'));
  if (places.some((place) => existsSync(place) && realpathSync(place) === realpathSync(program))) return 'switchhook';
  const path = relative(folder, program);
  const shortest = path.startsWith('..') ? program : path;
  return basename(program) === 'switchhook' ? shortest : `node ${shortest}`;
}

let invocation: string | undefined;

/** A command of this program as the person types it who has started this process: `typed('flow 2.1')`. */
export function typed(parameters: string): string {
  const { argv, env } = process;
  const isSource = import.meta.filename.endsWith('.ts');
  const program = isSource ? import.meta.filename : (argv[1] ?? import.meta.filename);
  invocation ??= invocationOf({ program, environment: env, folder: process.cwd() });
  return `${invocation} ${parameters}`;
}
