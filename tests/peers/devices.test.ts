/** Rows of docs/devices.md are still so: a device of each kind in a role. `npm run devices` makes the whole table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playWithDevice, rowOf } from './support/devices.ts';

const table = readFileSync(join(import.meta.dirname, '../../docs/devices.md'), 'utf8').split('\n');

describe.concurrent('a device in a role', () => {
  test.each([
    ['baresip', '2.1', 'bob'],
    ['baresip', '2.18', 'carol'],
    ['linphone', '2.1', 'alice'],
    ['SIPp', '2.2', 'bob'],
    ['SIPp', '2.5', 'carol'],
    ['SIPp', '2.13', 'bob'],
    ['SIPp', '2.16', 'alice'],
    ['SIPp', '2.16', 'bob'],
    ['SIPp', '2.17', 'alice'],
    ['SIPp', '2.17', 'bob'],
    ['SIPp', '2.18', 'carol'],
  ] as const)('%s in %s as %s is as the table has it', async (device, flow, role) => {
    expect(table).toContain(rowOf(await playWithDevice(device, flow, role)));
  });

  test('baresip over TLS, which trusts the authority that it is told of, is right as bob of 2.1', async () => {
    const result = await playWithDevice('baresip', '2.1', 'bob', 'TLS');
    expect(result).toMatchObject({ verdict: 'right', first: '', protocols: ['TLS'] });
  });
});
