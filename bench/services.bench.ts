/**
 * What services cost: a plan by itself, and a whole call that is screened, looked up and forwarded beside a plain one,
 * through transport layer, transactions and proxy without sockets. The two kinds of calls take turns, so that what else
 * the machine does falls on both. Run it with `node --conditions=source bench/services.bench.ts`.
 */
import { performance } from 'node:perf_hooks';
import { portableHashes, SyntaxFault } from '@switchhook/sip';
import type { ProxyPolicy, SipContext, SipRequest } from '@switchhook/sip';
import { alice, directoryOf, domains, requestTo } from '../packages/exchange/src/plan/plan.testing.ts';
import type { World } from '../packages/exchange/src/plan/plan.testing.ts';
import { route } from '../packages/exchange/src/plan/route.ts';
import type { Directory } from '../packages/exchange/src/plan/route.ts';
import { playCall } from './call-script.ts';
import { bob, MemoryCore } from './memory-core.ts';

const phones = { bob: [`sip:bob@${bob.address}`], carol: [`sip:bob@${bob.address}`] };
const strangers = Array.from({ length: 20 }, (_, index) => `caller${String(index)}@example.net`);
const lists = {
  incoming: { deny: [...strangers, '@example.org', '+1900*'] },
  outgoing: { deny: ['+1900*', '@example.org'] },
};
const inOffice = { who: 'alice', when: { days: ['sun'], from: '03:00', to: '03:01', timeZone: 'Europe/Berlin' } };

const worlds: Readonly<Record<string, World>> = {
  plain: { phones },
  'screened and forwarded': {
    phones,
    settings: {
      alice: { screening: { outgoing: lists.outgoing } },
      bob: { screening: lists, forward: { always: 'carol' } },
      carol: { screening: lists, forward: { busy: 'dave', noAnswer: 'erin' } },
    },
  },
  'screened by the clock': { phones, settings: { bob: { screening: { incoming: { deny: [inOffice] } } } } },
  'find-me with five places': {
    phones,
    settings: { bob: { findMe: { places: ['bob', 'carol', 'dave', '+1972', 'dan@example.net'] } } },
  },
};

const isOurRealm = (realm: string): boolean => realm === 'example.com';

function policyOf(directory: Directory): ProxyPolicy {
  return {
    isOurDomain: (host) => host === 'example.com',
    plan: (request: SipRequest) => {
      const uri = request.requestUri;
      if (uri instanceof SyntaxFault) return { kind: 'reject', status: 400 };
      const address = domains.ours(uri);
      return route({ request, uri, route: [], caller: alice, address, isOurRealm, now: Date.now }, directory);
    },
  };
}

/** Microseconds of one plan, the median of some rounds. */
function planCost(world: World): number {
  const policy = policyOf(directoryOf(world));
  const request = requestTo('sip:bob@example.com', world);
  const facts = { vouched: false, route: [] };
  const { alice: flow } = new MemoryCore(context(), () => undefined).transport;
  const times = Array.from({ length: 15 }, () => {
    const count = 4_000;
    const before = process.cpuUsage();
    for (let index = 0; index < count; index += 1) void policy.plan(request, flow, facts);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  });
  return median(times.slice(5));
}

function context(): SipContext {
  let tokens = 0;
  const ignore = (): void => undefined;
  return {
    clock: {
      now: () => performance.now(),
      date: () => Date.now(),
      after: (milliseconds, action) => {
        const timer = setTimeout(action, milliseconds);
        return { cancel: () => clearTimeout(timer) };
      },
    },
    random: {
      token: () => `7f3a90c1d2e4${String((tokens += 1))}`,
      fraction: () => 0.5,
      bytes: (length) => new Uint8Array(length).fill(7),
    },
    hashes: portableHashes,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  };
}

/** Plays calls through a core; the phones cost the same in both kinds. */
class Kind {
  readonly #world: World;
  readonly times: number[] = [];
  #number = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async play(calls: number): Promise<void> {
    let heard = '';
    const core = new MemoryCore(
      context(),
      (text, flow) => {
        if (flow.remote === bob) heard = text;
      },
      policyOf(directoryOf(this.#world)),
    );
    const receiver = await core.start();
    const { alice: fromAlice, bob: fromBob } = core.transport;
    const before = process.cpuUsage();
    for (let index = 0; index < calls; index += 1) {
      playCall(
        (this.#number += 1),
        (text, isAlice) => receiver.message(text, isAlice ? fromAlice : fromBob),
        () => heard,
      );
    }
    const { user, system } = process.cpuUsage(before);
    await core.transactions.stop();
    this.times.push((user + system) / calls);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
}

/** The quarter of the rounds in which the machine did least else ends here. */
function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 2] ?? 0;
}

for (const [name, world] of Object.entries(worlds)) {
  console.log(`plan, ${name}: ${planCost(world).toFixed(1)} us`);
}

const plain = new Kind(worlds['plain'] ?? {});
const served = new Kind(worlds['screened and forwarded'] ?? {});
for (let round = 0; round < 54; round += 1) for (const kind of [plain, served]) await kind.play(1_000);
const [one, other] = [plain, served].map(({ times }) => lowerQuartile(times.slice(4)));
console.log(
  `a plain call: ${(one ?? 0).toFixed(1)} us; screened, looked up and forwarded: ${(other ?? 0).toFixed(1)} us`,
);
console.log(`ratio ${((other ?? 0) / (one ?? 1)).toFixed(2)}`);
