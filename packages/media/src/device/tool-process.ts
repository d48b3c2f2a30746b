import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where a program is, in the folders of PATH; undefined when it is in none. */
export async function findProgram(name: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  for (const path of folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending)))) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

const running = new Set<ChildProcess>();

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Starts a program, without a shell, that ends when we do: it is killed when this process exits, and loses its pipe
 * when this process is killed itself. Undefined when it cannot be started.
 */
export function startProgram(
  path: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
): ChildProcessWithoutNullStreams | undefined {
  const child = spawn(path, parameters, { env: environment, stdio: 'pipe', windowsHide: true });
  // Where there is no process there are no pipes and no end; later errors come with an end.
  child.on('error', () => undefined);
  if (child.pid === undefined) return undefined;
  if (running.size === 0) process.on('exit', killAll);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) process.off('exit', killAll);
  });
  // What goes wrong with a pipe, the end of the program tells.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on('error', () => undefined);
  return child;
}
