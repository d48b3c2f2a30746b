import { pcmu } from '@switchhook/media';
import { simulatedContext, SimulatedNetwork } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { MachineMedia } from './node/machine-media.ts';
import { Phone } from './phone.ts';
import { TestHouse } from './phone.testing.ts';

test('another network makes it register anew, until it stops', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const host = network.host('alice', ['192.0.2.1']);
  let changed = (): void => undefined;
  let isWatched = false;
  const phone = new Phone(context, {
    addressOfRecord: 'sip:alice@192.0.2.9',
    transports: [host.transport('UDP')],
    resolver: { resolve: () => [{ protocol: 'UDP', address: '192.0.2.9', port: 5060 }] },
    media: new MachineMedia(context, { codecs: [pcmu], network: host.ports(), address: '192.0.2.1' }),
    network: {
      watch(listener) {
        changed = listener;
        isWatched = true;
        return () => {
          isWatched = false;
        };
      },
    },
  });
  const calls = (): number => new Set(network.trace.entries.map(({ text }) => /CSeq: \d+/.exec(text)?.[0])).size;
  await phone.start();
  phone.register().catch(() => undefined);
  await context.clock.play(1_000);
  expect([calls(), isWatched]).toEqual([1, true]);
  changed();
  await context.clock.play(1_000);
  expect(calls()).toBe(2);
  const stopped = phone.stop();
  await context.clock.play(60_000);
  await stopped;
  expect(isWatched).toBe(false);
});

test('a call that rings is over at once when its phone comes into another network, and its caller hears so', async () => {
  const house = new TestHouse();
  const alice = await house.phone('alice');
  let changed = (): void => undefined;
  const bob = await house.phone('bob', {
    network: {
      watch(listener) {
        changed = listener;
        return () => undefined;
      },
    },
  });
  const made = alice.phone.call(bob.uri).catch((error: unknown) => error);
  await house.play(500);
  const [call] = bob.phone.calls;
  expect(call?.state).toBe('ringing');
  changed();
  await house.play(500);
  expect(call?.end).toMatchObject({ kind: 'lost', failure: { kind: 'unreachable', code: 'closed' } });
  expect(await made).toMatchObject({ failure: { kind: 'unavailable', status: 480 } });
  await house.play(40_000);
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});
