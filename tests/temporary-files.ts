/** Tests, and the programs that they run, have a folder for temporary files of their own, which goes with the run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function ownTemporaryFiles(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-tests-'));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
