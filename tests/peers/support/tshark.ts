import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What Wireshark's command line sees in a capture: one row a packet that the display filter lets through. */
export async function tshark(file: string, filter: string, fields: readonly string[]): Promise<string[][]> {
  const shown = fields.flatMap((field) => ['-e', field]);
  const { stdout } = await run('tshark', ['-r', file, '-Y', filter, '-T', 'fields', '-E', 'occurrence=f', ...shown]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}
