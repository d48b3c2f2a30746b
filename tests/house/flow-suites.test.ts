/** The examples of flows in other people's test suites run: this one's runner, and Node's. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import '../../docs/examples/flows-in-vitest.ts';

const example = join(import.meta.dirname, '../../docs/examples/flows-in-node-test.ts');

test('flows-in-node-test.ts passes under node --test', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=source',
    '--test-reporter=tap',
    example,
  ]);
  expect(stdout).toContain('ok 24 - F24 200 OK from park-server to alice');
  expect(stdout).toMatch(/^# pass 26$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
