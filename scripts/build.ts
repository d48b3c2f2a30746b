/**
 * `npm run build`: makes what is published, JavaScript and types, in each package's `dist/`.
 * Packages are built bottom-up without the `source` condition, so each is compiled against what its users will get.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageNames } from './arrows.ts';
import { compiler } from './compiler.ts';

const repository = join(import.meta.dirname, '..');

for (const name of packageNames) {
  const directory = join(repository, 'packages', name);
  rmSync(join(directory, 'dist'), { recursive: true, force: true });
  const project = join(directory, 'tsconfig.build.json');
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  // npm packs it from beside the package.json, whatever `files` says.
  copyFileSync(join(repository, 'LICENSE'), join(directory, 'LICENSE'));
  console.log(`built packages/${name}/dist`);
}
chmodSync(join(repository, 'packages/cli/dist/main.js'), 0o755);
