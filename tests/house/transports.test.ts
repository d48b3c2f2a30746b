import type { Nat } from '@switchhook/sim';
import type { PeerIdentity, TransportProtocol } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { SimulatedExchange } from './simulated/exchange.testing.ts';
import { SimulatedPhone } from './simulated/phone.testing.ts';
import { Town } from './simulated/town.testing.ts';

/** One exchange that listens on everything, and two phones that have nothing in common but it (RFC 5658, RFC 7118). */

const protocols: readonly TransportProtocol[] = ['UDP', 'TCP', 'TLS', 'WS', 'WSS'];
const ports = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };
const exchangeAddresses = { 4: '192.0.2.1', 6: '2001:db8::1' };
const identity: PeerIdentity = { domains: ['example.com', '192.0.2.1', '2001:db8::1'], addresses: [] };
const everything = 200_000;

type Family = 4 | 6;
const towns: Town[] = [];

afterEach(async () => {
  for (const town of towns.splice(0)) {
    expect(town.leftOvers()).toEqual([]);
    await town.stop();
  }
});

async function town(): Promise<Town> {
  const made = new Town();
  towns.push(made);
  made.names.set('example.com', ['192.0.2.1', '2001:db8::1']);
  await made.moveIn(
    new SimulatedExchange(made, {
      name: 'exchange',
      domain: 'example.com',
      addresses: ['192.0.2.1', '2001:db8::1'],
      protocols,
      users: ['alice', 'bob'],
      identity,
    }),
  );
  return made;
}

async function phone(
  here: Town,
  name: string,
  protocol: TransportProtocol,
  family: Family,
  nat?: Nat,
): Promise<SimulatedPhone> {
  const last = name === 'alice' ? '10' : '20';
  const inside = nat === undefined ? '192.0.2' : '10.0.0';
  const made = await here.moveIn(
    new SimulatedPhone(here, name, {
      domain: 'example.com',
      address: family === 4 ? `${inside}.${last}` : `2001:db8::${last}`,
      protocol,
      outbound: [{ protocol, address: exchangeAddresses[family], port: ports[protocol], serverName: 'example.com' }],
      ...(nat === undefined ? {} : { nat }),
    }),
  );
  made.register();
  await here.clock.play(60_000);
  expect(made.outcomes).toEqual(['REGISTER 200']);
  made.outcomes.length = 0;
  made.onCall = (call) => {
    call.ring();
    here.clock.after(1_000, () => call.accept());
  };
  return made;
}

const families: readonly (readonly [Family, Family])[] = [
  [4, 4],
  [6, 6],
  [4, 6],
  [6, 4],
];
const pairs = families.flatMap(([one, other]) =>
  protocols.flatMap((from) => protocols.map((to) => ({ from, one, to, other }))),
);

describe('a call, a re-INVITE from each side, and the end by each side', () => {
  test.each(pairs)('from $from over IPv$one to $to over IPv$other', async ({ from, one, to, other }) => {
    const here = await town();
    const alice = await phone(here, 'alice', from, one);
    const bob = await phone(here, 'bob', to, other);
    for (const hangsUp of [alice, bob]) {
      const call = alice.call('sip:bob@example.com');
      await here.clock.play(5_000);
      const taken = bob.calls.at(-1);
      taken?.change();
      await here.clock.play(5_000);
      call.change();
      await here.clock.play(5_000);
      expect([call.state, taken?.state, call.accepted, taken?.accepted]).toEqual(['established', 'established', 1, 2]);
      hangsUp.calls.at(-1)?.hangUp();
      await here.clock.play(everything);
    }
    expect(alice.outcomes).toEqual(['INVITE 200', 'INVITE 200', 'BYE 200', 'INVITE 200', 'INVITE 200']);
    expect(bob.outcomes).toEqual(['INVITE 200', 'INVITE 200', 'BYE 200']);
    // Every 2xx was acknowledged at once: nothing on the network was lost, so nothing was said twice.
    expect(here.ladder().filter((line) => line.startsWith('bob > exchange 200 INVITE'))).toHaveLength(4);
  });
});

describe('a connection that is lost during a call', () => {
  const connections = protocols.filter((protocol) => protocol !== 'UDP');

  test.each(connections)('%s: who has a new one can hang up, called or calling', async (protocol) => {
    for (const hangsUp of ['alice', 'bob']) {
      const here = await town();
      const phones = { alice: await phone(here, 'alice', protocol, 4), bob: await phone(here, 'bob', protocol, 4) };
      const call = phones.alice.call('sip:bob@example.com');
      await here.clock.play(5_000);
      expect(call.state).toBe('established');
      const { [hangsUp === 'alice' ? 'alice' : 'bob']: leaving } = phones;
      leaving.reconnect();
      await here.clock.play(1_000);
      leaving.register();
      await here.clock.play(1_000);
      leaving.calls[0]?.hangUp();
      await here.clock.play(everything);
      expect(leaving.outcomes.at(-1)).toBe('BYE 200');
    }
  });
});

describe('phones behind translators of addresses', () => {
  test.each(['UDP', 'TCP', 'WS'] as const)('%s, each behind one of its own', async (protocol) => {
    const here = await town();
    const symmetric = { mapping: 'address-and-port-dependent', timeout: 600_000 } as const;
    const alice = await phone(here, 'alice', protocol, 4, here.network.nat({ address: '203.0.113.1', ...symmetric }));
    const bob = await phone(here, 'bob', protocol, 4, here.network.nat({ address: '203.0.113.2', ...symmetric }));
    for (const hangsUp of [alice, bob]) {
      const call = alice.call('sip:bob@example.com');
      await here.clock.play(5_000);
      bob.calls.at(-1)?.change();
      await here.clock.play(5_000);
      expect([call.state, bob.calls.at(-1)?.state, call.accepted]).toEqual(['established', 'established', 1]);
      hangsUp.calls.at(-1)?.hangUp();
      await here.clock.play(40_000);
    }
    expect(alice.outcomes).toEqual(['INVITE 200', 'BYE 200', 'INVITE 200']);
    expect(bob.outcomes).toEqual(['INVITE 200', 'INVITE 200', 'BYE 200']);
  });

  test.each(['alice', 'bob'] as const)('who gets another port during the call can hang up: %s', async (name) => {
    const here = await town();
    const forgetful = { mapping: 'address-and-port-dependent', timeout: 65_000 } as const;
    const phones = {
      alice: await phone(here, 'alice', 'UDP', 4, here.network.nat({ address: '203.0.113.1', ...forgetful })),
      bob: await phone(here, 'bob', 'UDP', 4, here.network.nat({ address: '203.0.113.2', ...forgetful })),
    };
    phones.alice.register();
    phones.bob.register();
    await here.clock.play(1_000);
    const other = name === 'alice' ? phones.bob : phones.alice;
    phones.alice.call('sip:bob@example.com');
    await here.clock.play(60_000);
    other.register();
    await here.clock.play(20_000);
    phones[name].calls[0]?.hangUp();
    await here.clock.play(everything);
    expect(phones[name].outcomes.at(-1)).toBe('BYE 200');
    const seenPorts = phones[name].responses.map(({ topVia }) => topVia.rport);
    expect(seenPorts.at(-1)).not.toBe(seenPorts[0]);
  });
});
