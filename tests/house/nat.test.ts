import type { HeaderInit, TransportProtocol } from '@switchhook/sip';
import type { Nat, NatDependence } from '@switchhook/sim';
import { afterEach, describe, expect, test } from 'vitest';
import type { Call } from './simulated/call.testing.ts';
import { SimulatedExchange } from './simulated/exchange.testing.ts';
import { SimulatedPhone } from './simulated/phone.testing.ts';
import { Town } from './simulated/town.testing.ts';

/** Phones behind address translators, which nobody reaches but over what they opened themselves. */

const exchangeAddress = '192.0.2.1';
const ports = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 } as const;
/** Long enough for every transaction and every repeated 2xx to be over. */
const everything = 200_000;
const mappingLife = 30_000;

let town: Town;
let exchange: SimulatedExchange;
let nats: number;

async function settle(milliseconds = everything): Promise<void> {
  await town.clock.play(milliseconds);
}

async function begin(protocol: TransportProtocol): Promise<void> {
  town = new Town();
  nats = 0;
  exchange = await town.moveIn(
    new SimulatedExchange(town, {
      name: 'exchange',
      domain: 'example.com',
      addresses: [exchangeAddress],
      protocols: [protocol],
      users: ['alice', 'bob'],
      identity: { domains: ['example.com', exchangeAddress], addresses: [] },
    }),
  );
  town.names.set('example.com', [exchangeAddress]);
}

function translator(dependence: NatDependence = 'address-and-port-dependent'): Nat {
  nats += 1;
  const options = { address: `203.0.113.${String(nats)}`, mapping: dependence, filtering: dependence };
  return town.network.nat({ ...options, timeout: mappingLife });
}

async function phone(name: string, protocol: TransportProtocol, address: string, nat?: Nat): Promise<SimulatedPhone> {
  const started = await town.moveIn(
    new SimulatedPhone(town, name, {
      domain: 'example.com',
      address,
      protocol,
      outbound: [{ protocol, address: exchangeAddress, port: ports[protocol], serverName: 'example.com' }],
      ...(nat && { nat }),
    }),
  );
  started.onCall = (call) => call.accept();
  return started;
}

async function registered(
  name: string,
  protocol: TransportProtocol,
  address: string,
  nat?: Nat,
): Promise<SimulatedPhone> {
  const started = await phone(name, protocol, address, nat);
  started.register();
  await settle(1_000);
  expect(started.outcomes).toEqual(['REGISTER 200']);
  return started;
}

/** Keeps the way of a phone to the exchange open, as RFC 5626 4.4 would. */
function keepAlive(of: SimulatedPhone): void {
  const flow = of.transports.flowTo({ protocol: 'UDP', address: exchangeAddress, port: 5060 });
  if (!('keepAlive' in flow)) throw new Error(flow.message);
  flow.keepAlive(25);
}

async function callBetween(caller: SimulatedPhone, called: SimulatedPhone, wait = 1_000): Promise<Call> {
  const call = caller.call(`sip:${called.name}@example.com`);
  await settle(wait);
  return call;
}

/** Both sides say what they have to, in both directions. */
async function holds(call: Call, caller: SimulatedPhone, called: SimulatedPhone): Promise<void> {
  const other = called.calls.at(-1);
  if (other === undefined) throw new Error('nobody was called');
  expect([call.state, other.state]).toEqual(['established', 'established']);
  expect(called.requests.map(({ method }) => method)).toContain('ACK');
  other.change();
  await settle(1_000);
  call.change();
  await settle(1_000);
  expect([call.accepted, other.accepted]).toEqual([1, 2]);
  expect(caller.requests.map(({ method }) => method)).toEqual(['INVITE', 'ACK']);
  other.hangUp();
  await settle();
  expect(call.state).toBe('ended');
  expect(called.outcomes).toContain('BYE 200');
}

afterEach(async () => {
  await settle();
  expect(town.leftOvers()).toEqual([]);
  await town.stop();
});

describe.each(['UDP', 'TCP', 'TLS', 'WS'] as const)('over %s', (protocol) => {
  test('a phone behind a translator is called, and every request of the call finds it', async () => {
    await begin(protocol);
    const alice = await phone('alice', protocol, '198.51.100.7');
    const bob = await registered('bob', protocol, '10.0.0.2', translator());
    await holds(await callBetween(alice, bob), alice, bob);
  });

  test('a phone behind a translator calls, and every request of the call finds it', async () => {
    await begin(protocol);
    const alice = await phone('alice', protocol, '10.0.0.2', translator());
    const bob = await registered('bob', protocol, '198.51.100.7');
    await holds(await callBetween(alice, bob), alice, bob);
  });

  test.each([false, true])('both are behind translators, the same one: %s', async (same) => {
    await begin(protocol);
    const one = translator();
    const alice = await phone('alice', protocol, '10.0.0.2', one);
    const bob = await registered('bob', protocol, same ? '10.0.0.3' : '10.0.0.2', same ? one : translator());
    await holds(await callBetween(alice, bob), alice, bob);
  });

  test('a translator that restarts cuts its phones off until they register again', async () => {
    await begin(protocol);
    const nat = translator();
    const alice = await phone('alice', protocol, '198.51.100.7');
    const bob = await registered('bob', protocol, '10.0.0.2', nat);
    nat.restart();
    const lost = await callBetween(alice, bob, everything);
    expect([408, 480]).toContain(lost.status);
    bob.reconnect();
    bob.register();
    await settle(1_000);
    expect(exchange.location.bindings('sip:bob@example.com')).toHaveLength(1);
    await holds(await callBetween(alice, bob), alice, bob);
  });
});

test.each(['TCP', 'TLS', 'WS'] as const)(
  'a phone on %s whose connection ended is not available until it comes back',
  async (protocol) => {
    await begin(protocol);
    const alice = await phone('alice', protocol, '198.51.100.7');
    const bob = await registered('bob', protocol, '10.0.0.2', translator());
    bob.reconnect();
    await settle(1_000);
    expect((await callBetween(alice, bob, everything)).status).toBe(480);
    bob.register();
    await settle(1_000);
    await holds(await callBetween(alice, bob), alice, bob);
  },
);

describe('the mapping of a phone on UDP', () => {
  test('is remembered when the flow is not', async () => {
    await begin('UDP');
    const alice = await phone('alice', 'UDP', '198.51.100.7');
    const bob = await registered('bob', 'UDP', '10.0.0.2', translator());
    const [binding] = exchange.location.bindings('sip:bob@example.com');
    exchange.transports.flow(binding?.flow ?? 0)?.close('overflow');
    await holds(await callBetween(alice, bob), alice, bob);
  });

  test.each(['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const)(
    'stays open by keep-alives, and not without: %s',
    async (dependence) => {
      await begin('UDP');
      const nat = translator(dependence);
      const alice = await phone('alice', 'UDP', '198.51.100.7');
      const bob = await registered('bob', 'UDP', '10.0.0.2', nat);
      await settle(mappingLife + 1_000);
      expect((await callBetween(alice, bob, everything)).status).toBe(408);
      bob.register();
      await settle(1_000);
      keepAlive(bob);
      await settle(20 * mappingLife);
      await holds(await callBetween(alice, bob), alice, bob);
    },
  );

  test('follows the phone when a registration is refreshed from another one', async () => {
    await begin('UDP');
    const nat = translator();
    const bob = await registered('bob', 'UDP', '10.0.0.2', nat);
    const [before] = exchange.location.bindings('sip:bob@example.com');
    await settle(mappingLife + 1_000);
    bob.register();
    await settle(1_000);
    const [after, ...others] = exchange.location.bindings('sip:bob@example.com');
    expect(others).toEqual([]);
    expect(after?.received?.port).not.toBe(before?.received?.port);
    expect(after?.contact).toBe(before?.contact);
  });
});

describe('outbound (RFC 5626)', () => {
  function outbound(bob: SimulatedPhone): HeaderInit[] {
    const instance = '"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
    const contact = bob.contact.replace('>', ';ob>');
    return [
      ['Contact', `${contact};reg-id=1;+sip.instance=${instance}`],
      ['Supported', 'path, outbound'],
      ['Expires', '3600'],
    ];
  }

  test.each(['UDP', 'TCP', 'WS'] as const)(
    'a phone on %s is reached over its flow, and again when it has another',
    async (protocol) => {
      await begin(protocol);
      const nat = translator();
      const alice = await phone('alice', protocol, '198.51.100.7');
      const bob = await phone('bob', protocol, '10.0.0.2', nat);
      bob.register(outbound(bob));
      await settle(1_000);
      expect(bob.responses.at(-1)?.raw('Require')).toBe('outbound');
      await holds(await callBetween(alice, bob), alice, bob);

      nat.restart();
      bob.reconnect();
      await settle(1_000);
      const lost = await callBetween(alice, bob, everything);
      expect([408, 480]).toContain(lost.status);

      bob.requests.length = 0;
      alice.requests.length = 0;
      bob.register(outbound(bob));
      await settle(1_000);
      const bindings = exchange.location.bindings('sip:bob@example.com');
      expect(bindings).toMatchObject([{ regId: 1 }]);
      await holds(await callBetween(alice, bob), alice, bob);
    },
  );
});
