import { expect, test } from 'vitest';
import { knownAddresses } from './addresses.ts';
import { CastingError } from './outsiders.ts';

test('an address that this machine does not have is told, with those that it has', async () => {
  const plan = knownAddresses([], '192.0.2.1');
  await expect(plan).rejects.toBeInstanceOf(CastingError);
  await expect(plan).rejects.toThrow('192.0.2.1 is no address of this machine: ');
});
