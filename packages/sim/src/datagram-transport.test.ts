import type { TransportError } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import type { NetworkOptions } from './fabric.ts';
import type { Recorder } from './network.testing.ts';
import { simulation, started } from './network.testing.ts';
import type { SimulatedNetwork } from './network.ts';
import type { SimulatedTransport } from './simulated-transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

const toBob = { protocol: 'UDP', address: '192.0.2.2', port: 5060 } as const;

interface Pair {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly alice: SimulatedTransport;
  readonly bob: SimulatedTransport;
  readonly atAlice: Recorder;
  readonly atBob: Recorder;
}

async function pair(options: NetworkOptions = {}, seed = 1): Promise<Pair> {
  const { clock, network } = simulation(options, seed);
  const alice = network.host('alice', ['192.0.2.1']).transport('UDP');
  const bob = network.host('bob', ['192.0.2.2']).transport('UDP');
  return { clock, network, alice, bob, atAlice: await started(alice), atBob: await started(bob) };
}

function sendNumbered(transport: SimulatedTransport, count: number): void {
  const flow = transport.connect(toBob);
  for (let index = 0; index < count; index += 1) flow.send(String(index));
}

test.each(['UDP', 'TCP'] as const)('what a transport over %s does not say is on no wire', async (protocol) => {
  const { clock, network } = simulation({}, 1);
  const says = (text: string): boolean => !text.startsWith('SIP/2.0 100 ');
  const alice = network.host('alice', ['192.0.2.1']).transport(protocol, { says });
  const bob = network.host('bob', ['192.0.2.2']).transport(protocol);
  await started(alice);
  const atBob = await started(bob);
  const flow = alice.connect({ ...toBob, protocol });
  flow.send('SIP/2.0 100 Trying');
  flow.send('SIP/2.0 180 Ringing');
  clock.advance(100);
  expect(atBob.texts).toEqual(['SIP/2.0 180 Ringing']);
  expect(network.trace.entries.map(({ text }) => text)).toEqual(['SIP/2.0 180 Ringing']);
});

describe('datagrams', () => {
  test('go there after the delay, and back on the flow that they came on', async () => {
    const { clock, network, alice, atAlice, atBob } = await pair({ link: { delay: 30 } });
    alice.connect(toBob).send('hello');
    clock.advance(29);
    expect(atBob.texts).toEqual([]);
    clock.advance(1);
    expect(atBob.texts).toEqual(['hello']);
    expect(atBob.flows[0]?.remote).toEqual({ address: '192.0.2.1', port: 5060 });
    atBob.flows[0]?.send('hello yourself');
    clock.advance(30);
    expect(atAlice.texts).toEqual(['hello yourself']);
    expect(atAlice.flows[0]).toBe(alice.connect(toBob));
    expect(
      network.trace.entries.map(({ time, arrived, from, to, text }) => [time, arrived, from.host, to.host, text]),
    ).toEqual([
      [0, 30, 'alice', 'bob', 'hello'],
      [30, 60, 'bob', 'alice', 'hello yourself'],
    ]);
  });

  test('are lost as often as the link says, and the trace says which', async () => {
    const { clock, network, alice, atBob } = await pair({ link: { loss: 0.2 } });
    sendNumbered(alice, 2000);
    clock.runToEnd();
    expect(atBob.texts.length).toBeGreaterThan(1500);
    expect(atBob.texts.length).toBeLessThan(1700);
    expect(network.trace.entries.filter(({ fate }) => fate === 'lost')).toHaveLength(2000 - atBob.texts.length);
  });

  test('are doubled and reordered as the link says', async () => {
    const { clock, alice, atBob } = await pair({ link: { duplication: 0.1, reordering: 0.1 } });
    sendNumbered(alice, 1000);
    clock.runToEnd();
    expect(atBob.texts.length).toBeGreaterThan(1050);
    expect(new Set(atBob.texts).size).toBe(1000);
    expect(atBob.texts).not.toEqual([...atBob.texts].sort((one, other) => Number(one) - Number(other)));
  });

  test('fare the same with the same seed, and otherwise with another', async () => {
    const run = async (seed: number): Promise<string> => {
      const { clock, alice, atBob } = await pair({ link: { loss: 0.3, jitter: 20, duplication: 0.1 } }, seed);
      sendNumbered(alice, 100);
      clock.runToEnd();
      return atBob.texts.join();
    };
    expect(await run(5)).toBe(await run(5));
    expect(await run(5)).not.toBe(await run(6));
  });

  test('do not cross a partition until it heals; one link can be set by itself', async () => {
    const { clock, network, alice, atBob } = await pair();
    network.oneWayLink('alice', 'bob', { delay: 100 });
    const heal = network.partition(['alice'], ['bob', 'carol']);
    sendNumbered(alice, 1);
    heal();
    alice.connect(toBob).send('healed');
    clock.advance(99);
    expect(atBob.texts).toEqual([]);
    clock.advance(1);
    expect(atBob.texts).toEqual(['healed']);
    expect(network.trace.entries[0]?.fate).toBe('parted');
  });

  test('that are too large, or for nobody, or after the end', async () => {
    const { clock, network, alice, bob } = await pair();
    const errors: TransportError[] = [];
    const flow = alice.connect(toBob);
    flow.send('x'.repeat(65_508), (error) => errors.push(error));
    alice.connect({ ...toBob, address: '203.0.113.9' }).send('nowhere');
    await bob.stop();
    flow.send('nobody');
    clock.runToEnd();
    await alice.stop();
    flow.send('after the end', (error) => errors.push(error));
    expect(errors.map(({ code }) => code)).toEqual(['too-large', 'closed']);
    expect(network.trace.entries.map(({ fate }) => fate)).toEqual(['unroutable', 'unheard']);
    expect(alice.stats().flows).toBe(0);
    expect(alice.connect(toBob).closed).toBe(true);
  });

  test('make no more flows than the limit allows; the oldest goes', async () => {
    const { alice } = await pair({ flows: 2 });
    const first = alice.connect({ ...toBob, port: 1 });
    alice.connect({ ...toBob, port: 2 });
    alice.connect({ ...toBob, port: 3 });
    expect(first.closed).toBe(true);
    expect(alice.stats()).toMatchObject({ flows: 2, refused: { flows: 1 } });
  });

  test('an address and port can be taken once', async () => {
    const { network } = await pair();
    const host = network.host('carol', ['192.0.2.3']);
    await started(host.transport('UDP'));
    await expect(started(host.transport('UDP'))).rejects.toThrow('in use');
    expect(() => network.host('mallory', ['192.0.2.3'])).toThrow('taken');
  });

  test('keep-alives give a flow up after three without an answer, not after three of many', async () => {
    const { clock, network, alice, atBob } = await pair();
    const flow = alice.connect(toBob);
    flow.keepAlive(29);
    for (let round = 0; round < 20; round += 1) {
      const heal = network.partition(['alice'], ['bob']);
      clock.advance(19_000);
      heal();
      clock.advance(30_000);
    }
    expect(flow.closed).toBe(false);
    network.partition(['alice'], ['bob']);
    clock.advance(60_000);
    expect(flow.closed).toBe(true);
    expect(atBob.texts).toEqual([]);
  });
});
