import { expect, test } from 'vitest';
import { knownAddresses } from './addresses.ts';
import { CastingError } from './outsiders.ts';

test.each(['198.51.100.1', 'localhost', '::ffff:127.0.0.1', ''])(
  '"%s", which is no address of this machine, is told, with those that it has',
  async (address) => {
    const plan = knownAddresses([], address);
    await expect(plan).rejects.toBeInstanceOf(CastingError);
    await expect(plan).rejects.toThrow(`${address} is no address of this machine: `);
  },
);
