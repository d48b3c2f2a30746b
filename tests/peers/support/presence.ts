import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** The program's path, searched in PATH and where Debian keeps daemons. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return directories
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** What a peer cannot be driven or listened to without. */
const companions: Readonly<Record<string, readonly string[]>> = { baresip: ['ffmpeg'] };

/**
 * A `describe` that needs real peers. One that is not installed is a visible skip on a person's machine
 * and a failure in CI, where `.ci/run` should have installed it.
 */
export function describeWithPeers(name: string, programs: readonly string[], body: () => void): void {
  const needed = programs.flatMap((program) => [program, ...(companions[program] ?? [])]);
  const missing = needed.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env['CI'] !== undefined) {
    test(name, () => {
      throw new Error(`CI must install ${missing.join(', ')}`);
    });
  } else {
    describe.skip(`${name} (not installed: ${missing.join(', ')})`, body);
  }
}
