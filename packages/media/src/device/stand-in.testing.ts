import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of programs that stand in for those of a machine with sound: the only ones in its PATH. */
export interface StandIns {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * @param programs by name, the JavaScript that each runs; `folder` is where they are, `note(name, text)` leaves a file
 * there
 */
export async function standIns(programs: Readonly<Record<string, string>>): Promise<StandIns> {
  const folder = await mkdtemp(join(tmpdir(), 'switchhook-sound-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, code] of Object.entries(programs)) {
    const script = join(folder, `${name}.cjs`);
    await writeFile(
      script,
      `const fs = require('node:fs');
       const folder = ${JSON.stringify(folder)};
       const note = (name, text) => {
         fs.writeFileSync(folder + '/' + name + '.new', text);
         fs.renameSync(folder + '/' + name + '.new', folder + '/' + name);
       };
       ${code}`,
    );
    const program = join(folder, name);
    await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
    await chmod(program, 0o755);
  }
  return { folder, environment: { PATH: folder } };
}

/** Lives until it is killed. */
export const lives = 'setInterval(() => undefined, 1000);';
/** Complains, and ends. */
export const fails = (complaint: string): string =>
  `process.stderr.write(${JSON.stringify(`trace of ${complaint}\n${complaint}\n`)}, () => process.exit(1));`;
