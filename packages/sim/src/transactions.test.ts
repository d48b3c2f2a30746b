import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatedNetwork } from './network.ts';
import { SeededRandom } from './seeded-random.ts';
import { Element } from './transactions.testing.ts';
import { VirtualClock } from './virtual-clock.ts';

const requests = 30;
const badLink = { delay: 20, jitter: 60, loss: 0.2, duplication: 0.1, reordering: 0.1, heldBack: 700 };

interface World {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly alice: Element;
  readonly bob: Element;
}

async function world(seed: number, protocol: 'UDP' | 'TCP'): Promise<World> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new SeededRandom(seed), { link: badLink });
  const alice = new Element(`${String(seed)} alice`, clock, network.host('alice', ['192.0.2.1']), protocol);
  const bob = new Element(`${String(seed)} bob`, clock, network.host('bob', ['192.0.2.2']), protocol);
  await alice.transactions.start(alice);
  await bob.transactions.start(bob);
  return { clock, network, alice, bob };
}

/** Requests of every kind within a few seconds, some of them cancelled. */
function ask({ clock, alice }: World, seed: number, protocol: 'UDP' | 'TCP'): void {
  const random = new SeededRandom(seed).fork('requests');
  const destination = { protocol, address: '192.0.2.2', port: 5060 };
  for (let index = 0; index < requests; index += 1) {
    const method = random.fraction() < 0.6 ? 'INVITE' : 'OPTIONS';
    const cancelAfter = random.fraction() < 0.3 ? random.fraction() * 8000 : undefined;
    clock.after(random.fraction() * 5000, () => {
      alice.ask(method, `call-${String(index)}`, destination, cancelAfter);
    });
  }
}

const zero = { clientTransactions: 0, serverTransactions: 0, timers: 0, watchedFlows: 0 };

describe.each(['UDP', 'TCP'] as const)('transactions over a bad %s network', (protocol) => {
  test('each ends, with one outcome; each request comes up once; nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const here = await world(seed, protocol);
        ask(here, seed, protocol);
        expect(here.clock.runToEnd(600_000)).toBe(true);
        const { alice, bob } = here;
        expect(alice.outcomes).toHaveLength(requests);
        for (const { finals, failures, ends, provisionalAfterFinal } of alice.outcomes) {
          expect(ends).toBe(1);
          expect(provisionalAfterFinal).toBe(0);
          expect(failures.length + Math.min(finals.length, 1)).toBe(1);
          // Only a 2xx to an INVITE may come again (RFC 6026 7.2), and then it is the same one.
          if (finals.some(({ status }) => status !== 200)) expect(finals).toHaveLength(1);
          expect(new Set(finals.map(({ text }) => text)).size).toBeLessThanOrEqual(1);
        }
        for (const [callId, count] of bob.requests) expect([callId, count]).toEqual([callId, 1]);
        expect(alice.transactions.stats()).toMatchObject(zero);
        expect(bob.transactions.stats()).toMatchObject(zero);
      }),
      { seed: 3261, numRuns: 60 },
    );
  });

  test('hardly any fails, though every fifth message is lost', async () => {
    let failures = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const here = await world(seed, protocol);
      ask(here, seed, protocol);
      here.clock.runToEnd(600_000);
      failures += here.alice.outcomes.filter((outcome) => outcome.failures.length > 0).length;
    }
    expect(failures).toBeLessThan(6);
  });

  test('stopped in the middle, they leave nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 15_000 }), async (seed, time) => {
        const here = await world(seed, protocol);
        ask(here, seed, protocol);
        here.clock.advance(time);
        for (const element of [here.alice, here.bob]) {
          await element.transactions.stop();
          expect(element.transactions.stats()).toMatchObject(zero);
          expect(element.transports.stats().flows).toBe(0);
        }
        for (const { finals, failures, ends } of here.alice.outcomes) {
          expect(ends).toBe(1);
          expect(failures.length + Math.min(finals.length, 1)).toBe(1);
        }
      }),
      { seed: 6026, numRuns: 30 },
    );
  });
});

test('a run is the same to the letter when its seed is the same', async () => {
  const run = async (seed: number): Promise<string> => {
    const here = await world(seed, 'UDP');
    ask(here, seed, 'UDP');
    here.clock.runToEnd(600_000);
    return here.network.trace.entries.map(({ time, fate, text }) => `${String(time)} ${fate} ${text}`).join('\n');
  };
  expect(await run(1)).toBe(await run(1));
  expect(await run(1)).not.toBe(await run(2));
});
