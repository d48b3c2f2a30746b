import { Socket } from 'node:dgram';
import { expect, test, vi } from 'vitest';
import { anyAddresses, knownAddresses } from './addresses.ts';
import { CastingError } from './outsiders.ts';

test('a machine without IPv6 is told so before anything begins', async () => {
  // As there it says: `::1` is no address for this.
  vi.spyOn(Socket.prototype, 'bind').mockImplementationOnce(function (this: Socket) {
    process.nextTick(() => this.emit('error', new Error('bind EADDRNOTAVAIL ::1')));
    return this;
  });
  const plan = anyAddresses(6);
  await expect(plan).rejects.toBeInstanceOf(CastingError);
  await expect(plan).rejects.toThrow('this machine has no IPv6: ::1 is none of its addresses');
  vi.restoreAllMocks();
});

test.each(['198.51.100.1', 'localhost', '::ffff:127.0.0.1', ''])(
  '"%s", which is no address of this machine, is told, with those that it has',
  async (address) => {
    const plan = knownAddresses([], address);
    await expect(plan).rejects.toBeInstanceOf(CastingError);
    await expect(plan).rejects.toThrow(`${address} is no address of this machine: `);
  },
);
