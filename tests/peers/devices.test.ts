/**
 * Rows of docs/devices.md are still so: all of those in which a device takes a role to the end of its flow. `npm run devices` makes the
 * whole table.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deviceRoles } from './support/device-roles.ts';
import { playWithDevice, readRow, rowOf } from './support/devices.ts';
import type { TableRow } from './support/devices.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/devices.md'), 'utf8');
const table = page.split('\n').flatMap((line) => readRow(line) ?? []);
const played = table.filter(({ verdict }) => verdict !== 'cannot');

/** Programs with timers and threads of their own, of which so few in all may need a second play. */
const mostPlayedAgain = 3;
const playedAgain: string[] = [];

async function playAsInTable(row: TableRow): Promise<void> {
  const isAsBefore = (result: TableRow): boolean => rowOf(result) === rowOf(row);
  const result = await playWithDevice(row.device, row.flow, row.role);
  if (isAsBefore(result)) return;
  const mayBePlayedAgain = row.device !== 'SIPp' && playedAgain.length < mostPlayedAgain;
  if (!mayBePlayedAgain) expect(rowOf(result)).toBe(rowOf(row));
  playedAgain.push(rowOf(row));
  process.stdout.write(`played again, ${playedAgain.length} of at most ${mostPlayedAgain}: ${rowOf(result)}\n`);
  const second = await playWithDevice(row.device, row.flow, row.role);
  if (!isAsBefore(second)) expect(rowOf(second)).toBe(rowOf(row));
}

test('the table has every role that a device can be driven in', () => {
  const keys = table.map(({ device, flow, role }) => [device, flow, role]);
  expect(keys).toEqual(deviceRoles);
});

describe.concurrent('a device in a role', { timeout: 240_000 }, () => {
  test.each(played)('$device in $flow as $role is as the table has it', playAsInTable);

  test('baresip over TLS, which trusts the authority that it is told of, is right as bob of 2.1', async () => {
    const result = await playWithDevice('baresip', '2.1', 'bob', 'TLS');
    expect(result).toMatchObject({ verdict: 'right', first: '', protocols: ['TLS'] });
  });
});
