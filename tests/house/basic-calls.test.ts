import { NameAddr, SipUri } from '@switchhook/sip';
import type { CallPlan, ProxyPolicy } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { SimulatedExchange } from './simulated/exchange.testing.ts';
import { SimulatedPhone } from './simulated/phone.testing.ts';
import { Town } from './simulated/town.testing.ts';
import type { Link } from './simulated/town.testing.ts';

/** The calls of RFC 3665 in which a proxy takes part, on a good network and on bad ones. */

const atlanta = '192.0.2.1';
const biloxi = '198.51.100.1';
const bad: Link = { delay: 20, jitter: 30, loss: 0.2, duplication: 0.1, reordering: 0.1 };
const networks: readonly (readonly [number, Link])[] = [
  [0, {}],
  ...[1, 2, 3, 4, 5].map((seed) => [seed, bad] as const),
];
/** Long enough for every transaction and every repeated 2xx to be over. */
const everything = 200_000;

/** Alice at atlanta.example.com and Bob at biloxi.example.com, each with the exchange of the own domain. */
class TwoDomains extends Town {
  readonly alice: SimulatedPhone;
  readonly bob: SimulatedPhone;
  readonly #biloxiPolicy: ((own: ProxyPolicy, exchange: SimulatedExchange) => ProxyPolicy) | undefined;
  readonly #outbound: readonly string[];

  constructor(
    seed: number,
    link: Link,
    policy?: (own: ProxyPolicy, exchange: SimulatedExchange) => ProxyPolicy,
    outbound: readonly string[] = [atlanta],
  ) {
    super(seed, link);
    this.#biloxiPolicy = policy;
    this.#outbound = outbound;
    this.names.set('atlanta.example.com', [atlanta]).set('biloxi.example.com', [biloxi]);
    this.alice = new SimulatedPhone(this, 'alice', {
      domain: 'atlanta.example.com',
      address: '192.0.2.101',
      outbound: outbound.map((address) => ({ protocol: 'UDP', address, port: 5060 })),
      ...(outbound.length === 1 ? { routes: [`<sip:${atlanta};lr>`] } : {}),
    });
    this.bob = new SimulatedPhone(this, 'bob', {
      domain: 'biloxi.example.com',
      address: '198.51.100.101',
      outbound: [{ protocol: 'UDP', address: biloxi, port: 5060 }],
    });
  }

  async begin(): Promise<this> {
    for (const address of this.#outbound) {
      const name = address === atlanta ? 'atlanta' : address;
      await this.moveIn(
        new SimulatedExchange(this, { name, domain: 'atlanta.example.com', addresses: [address], users: ['alice'] }),
      );
    }
    await this.moveIn(
      new SimulatedExchange(this, {
        name: 'biloxi',
        domain: 'biloxi.example.com',
        addresses: [biloxi],
        users: ['bob', 'alice'],
        ...(this.#biloxiPolicy === undefined ? {} : { policy: this.#biloxiPolicy }),
      }),
    );
    await this.moveIn(this.alice);
    await this.moveIn(this.bob);
    return this;
  }

  /** Bob registers, so that he can be called. */
  async beginWithBob(): Promise<this> {
    await this.begin();
    this.bob.register();
    await this.clock.play(everything);
    this.bob.outcomes.length = 0;
    this.network.trace.entries.length = 0;
    return this;
  }
}

const towns: Town[] = [];

function town(...parts: ConstructorParameters<typeof TwoDomains>): TwoDomains {
  const made = new TwoDomains(...parts);
  towns.push(made);
  return made;
}

afterEach(async () => {
  for (const each of towns.splice(0)) {
    expect(each.leftOvers()).toEqual([]);
    await each.stop();
  }
});

function contacts(phone: SimulatedPhone): string[] {
  const values = phone.responses.at(-1)?.rawAll('Contact') ?? [];
  return values.map((value) => {
    const contact = NameAddr.parse(value);
    return contact instanceof NameAddr ? contact.uri.toString() : value;
  });
}

describe.each(networks)('registrations, network %i', (seed, link) => {
  test('2.1 to 2.4: new, another contact, which ones, none any more', async () => {
    const here = await town(seed, link).begin();
    const { bob } = here;
    bob.register();
    await here.clock.play(everything);
    expect(bob.outcomes).toEqual(['REGISTER 200']);
    expect(contacts(bob)).toEqual(['sip:bob@198.51.100.101']);

    bob.register([['Contact', '<sip:bob@home.example.com>']]);
    await here.clock.play(everything);
    expect(contacts(bob).toSorted()).toEqual(['sip:bob@198.51.100.101', 'sip:bob@home.example.com']);

    bob.register([]);
    await here.clock.play(everything);
    expect(contacts(bob)).toHaveLength(2);

    bob.register([
      ['Contact', '*'],
      ['Expires', '0'],
    ]);
    await here.clock.play(everything);
    expect(contacts(bob)).toEqual([]);
    expect(bob.outcomes).toEqual(Array.from({ length: 4 }, () => 'REGISTER 200'));
  });
});

describe.each(networks)('calls, network %i', (seed, link) => {
  test('3.2: through two proxies', async () => {
    const here = await town(seed, link).beginWithBob();
    const { alice, bob } = here;
    bob.onCall = (call) => {
      call.ring();
      here.clock.after(3_000, () => call.accept());
      here.clock.after(60_000, () => call.hangUp());
    };
    const call = alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(50_000);
    expect([call.state, bob.calls[0]?.state]).toEqual(['established', 'established']);
    await here.clock.play(everything);
    expect(alice.outcomes).toEqual(['INVITE 200']);
    expect(bob.outcomes).toEqual(['BYE 200']);
    expect([call.state, bob.calls[0]?.state]).toEqual(['ended', 'ended']);
    if (seed > 0) return;
    expect(here.ladder()).toEqual([
      'alice > atlanta INVITE',
      'atlanta > alice 407 INVITE',
      'alice > atlanta ACK',
      'alice > atlanta INVITE',
      'atlanta > alice 100 INVITE',
      'atlanta > biloxi INVITE',
      'biloxi > atlanta 100 INVITE',
      'biloxi > bob INVITE',
      'bob > biloxi 180 INVITE',
      'biloxi > atlanta 180 INVITE',
      'atlanta > alice 180 INVITE',
      'bob > biloxi 200 INVITE',
      'biloxi > atlanta 200 INVITE',
      'atlanta > alice 200 INVITE',
      'alice > atlanta ACK',
      'atlanta > biloxi ACK',
      'biloxi > bob ACK',
      'bob > biloxi BYE',
      'biloxi > atlanta BYE',
      'atlanta > alice BYE',
      'alice > atlanta 200 BYE',
      'atlanta > biloxi 200 BYE',
      'biloxi > bob 200 BYE',
    ]);
  });

  test('3.3: both proxies want to know who calls', async () => {
    const here = await town(seed, link, (own, { verifier }) => ({
      ...forwarding(own),
      plan: (request, flow, facts): CallPlan | Promise<CallPlan> => {
        if (request.method === 'REGISTER' || facts.vouched) return own.plan(request, flow, facts);
        const realm = 'biloxi.example.com';
        const found = verifier.verify(request, { realm, role: 'proxy', source: flow.remote.address });
        if (found instanceof Promise) throw new Error('the store is memory');
        if (found.kind === 'challenge') return { kind: 'reject', status: found.status, headers: found.headers };
        return own.plan(request, flow, facts);
      },
    })).beginWithBob();
    const { alice, bob } = here;
    bob.onCall = (call) => {
      call.ring();
      here.clock.after(3_000, () => call.accept());
      here.clock.after(60_000, () => call.hangUp());
    };
    const call = alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(55_000);
    expect(call.state).toBe('established');
    await here.clock.play(everything);
    expect(alice.outcomes).toEqual(['INVITE 200']);
    expect(bob.outcomes).toEqual(['BYE 200']);
    // Each proxy takes what was meant for it, and the credentials for the other one go on (RFC 3261 22.3).
    const [invite] = bob.requests;
    expect(invite?.rawAll('Proxy-Authorization')).toEqual([]);
  });

  test('3.4: the first proxy does not answer', async () => {
    const here = await town(seed, link, undefined, ['192.0.2.9', atlanta]).beginWithBob();
    const { alice, bob } = here;
    here.network.partition(['alice', 'bob', 'biloxi'], ['192.0.2.9']);
    bob.onCall = (call) => {
      call.ring();
      here.clock.after(3_000, () => call.accept());
      here.clock.after(60_000, () => call.hangUp());
    };
    alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(everything);
    expect(alice.outcomes).toEqual(['INVITE timeout', 'INVITE 200']);
    expect(bob.outcomes).toEqual(['BYE 200']);
  });

  test('3.6: by a redirect server', async () => {
    const moved = SipUri.of({ user: 'bob', host: 'biloxi.example.com' });
    const here = town(seed, link);
    here.names.set('redirect.example.com', ['203.0.113.1']);
    await here.beginWithBob();
    await here.moveIn(
      new SimulatedExchange(here, {
        domain: 'redirect.example.com',
        addresses: ['203.0.113.1'],
        policy: (own) => ({
          ...forwarding(own),
          plan: () => ({ kind: 'redirect', contacts: [NameAddr.of({ uri: moved })] }),
        }),
      }),
    );
    const { alice, bob } = here;
    bob.onCall = (call) => {
      here.clock.after(3_000, () => call.accept());
      here.clock.after(60_000, () => call.hangUp());
    };
    const first = alice.call('sip:bob@redirect.example.com');
    await here.clock.play(everything);
    expect(first.status).toBe(302);
    const [contact] = first.answer?.rawAll('Contact') ?? [];
    expect(contact).toBe('<sip:bob@biloxi.example.com>');
    alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(everything);
    expect(alice.outcomes).toEqual(['INVITE 302', 'INVITE 200']);
    expect(bob.outcomes).toEqual(['BYE 200']);
  });

  test('3.7, through proxies: a re-INVITE from either side', async () => {
    const here = await town(seed, link).beginWithBob();
    const { alice, bob } = here;
    bob.onCall = (call) => call.accept();
    const call = alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(40_000);
    bob.calls[0]?.change();
    await here.clock.play(40_000);
    call.change();
    await here.clock.play(40_000);
    expect([call.accepted, bob.calls[0]?.accepted]).toEqual([1, 2]);
    call.hangUp();
    await here.clock.play(everything);
    expect(alice.outcomes).toEqual(['INVITE 200', 'INVITE 200', 'BYE 200']);
    expect(bob.outcomes).toEqual(['INVITE 200']);
  });

  test('3.8: no answer, and the caller gives up', async () => {
    const here = await town(seed, link).beginWithBob();
    const { alice, bob } = here;
    bob.onCall = (call) => call.ring();
    const call = alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(30_000);
    call.giveUp([['Reason', 'SIP;cause=487;text="Gave up"']]);
    await here.clock.play(everything);
    expect(alice.outcomes).toEqual(['INVITE 487']);
    expect(bob.calls.map(({ state }) => state)).toEqual(['ended']);
    const cancel = bob.requests.find(({ method }) => method === 'CANCEL');
    expect(cancel?.raw('Reason')).toBe('SIP;cause=487;text="Gave up"');
  });

  test('3.9: busy', async () => {
    const here = await town(seed, link).beginWithBob();
    here.bob.onCall = (call) => call.refuse(486);
    here.alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(everything);
    expect(here.alice.outcomes).toEqual(['INVITE 486']);
  });

  test('3.10: no response from the phone', async () => {
    const here = await town(seed, link).beginWithBob();
    here.network.partition(['bob'], ['biloxi']);
    here.alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(everything);
    expect(here.alice.outcomes).toEqual(['INVITE 408']);
  });

  test('3.11: temporarily unavailable', async () => {
    const here = await town(seed, link).beginWithBob();
    here.bob.onCall = (call) => call.refuse(480, [['Retry-After', '3600']]);
    const call = here.alice.call('sip:bob@biloxi.example.com');
    await here.clock.play(everything);
    expect(here.alice.outcomes).toEqual(['INVITE 480']);
    expect(call.answer?.raw('Retry-After')).toBe('3600');
  });
});

/** The decisions of a policy as an object, for one of them to be replaced. */
function forwarding(own: ProxyPolicy): ProxyPolicy {
  return {
    plan: (request, flow, facts) => own.plan(request, flow, facts),
    passing: (request) => own.passing?.(request) ?? {},
    isOurDomain: (host) => own.isOurDomain(host),
  };
}
