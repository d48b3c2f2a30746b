import { expect, test } from 'vitest';
import { simulation, started } from './network.testing.ts';
import { PoweredClock } from './powered-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

test('what a machine has armed before and while it is off does not happen', () => {
  const clock = new VirtualClock();
  const machine = new PoweredClock(clock);
  const seen: string[] = [];
  machine.after(10, () => seen.push('before'));
  machine.after(1, () => seen.push('in time'));
  machine.after(2, () => seen.push('cancelled')).cancel();
  clock.advance(5);
  machine.switchOff();
  machine.after(10, () => seen.push('while it is off'));
  expect(clock.pending).toBe(0);
  clock.advance(15);
  machine.switchOn();
  machine.after(10, () => seen.push('after'));
  clock.advance(10);
  expect(seen).toEqual(['in time', 'after']);
  expect(machine.now()).toBe(30);
});

test('a host that has crashed says nothing, hears nothing, and is there again when its transports are started', async () => {
  const { clock, network } = simulation();
  const host = network.host('alice', ['192.0.2.1']);
  const [alice, bob] = [host.transport('TCP'), network.host('bob', ['192.0.2.2']).transport('TCP')];
  const toAlice = { protocol: 'TCP', address: '192.0.2.1', port: 5060 } as const;
  const atAlice = await started(alice);
  await started(bob);
  const flow = bob.connect(toAlice);
  flow.send('before');
  clock.advance(100);
  host.crash();
  clock.advance(100);
  // Nobody has told him.
  expect(flow.closed).toBe(false);
  flow.send('while it is off');
  clock.advance(1_000);
  expect([flow.closed, alice.stats().flows]).toEqual([true, 0]);
  const again = await started(alice);
  bob.connect(toAlice).send('after');
  clock.advance(100);
  expect([atAlice.texts, again.texts]).toEqual([['before'], ['after']]);
});
