import { afterEach, describe, expect, it } from 'vitest';
import { InstantMessages, NameAddr } from '@switchhook/sip';
import type { TransportProtocol } from '@switchhook/sip';
import type { Nat } from '@switchhook/sim';
import { exampleExchange } from './simulated/exchange.testing.ts';
import type { SimulatedExchange } from './simulated/exchange.testing.ts';
import { Town } from './simulated/town.testing.ts';
import type { Link } from './simulated/town.testing.ts';
import { PlainCalls, Resident } from './simulated/user-agent.testing.ts';

/** User agents of the library against the registrar and the proxy of the exchange, over networks of all kinds. */

const domain = 'example.com';
const everything = 200_000;
let town = new Town();

afterEach(async () => {
  await town.stop();
  expect(town.leftOvers()).toEqual([]);
});

interface Party {
  readonly resident: Resident;
  readonly calls: PlainCalls;
  readonly messages: InstantMessages;
  /** Texts of messages that came. */
  readonly read: string[];
}

async function exchangeIn(seed: number, link: Link = {}): Promise<SimulatedExchange> {
  town = new Town(seed, link);
  return exampleExchange(town);
}

async function party(name: string, at: string, protocol: TransportProtocol, nat?: Nat): Promise<Party> {
  const scheme = protocol === 'TLS' ? 'sips' : 'sip';
  const parameter = protocol === 'TLS' || protocol === 'UDP' ? '' : `;transport=${protocol.toLowerCase()}`;
  const resident = await town.moveIn(
    new Resident(town, name, {
      at,
      protocols: [protocol],
      address: `<${scheme}:${name}@${domain}>`,
      route: [NameAddr.of({ uri: `${scheme}:${domain}${parameter};lr` })],
      credentials: () => ({ username: name, password: `${name}-secret` }),
      ...(nat && { nat }),
    }),
  );
  const calls = new PlainCalls(resident.agent);
  const read: string[] = [];
  const messages = new InstantMessages(resident.agent, {
    onMessage: ({ text }) => {
      read.push(text);
      return undefined;
    },
  });
  resident.agent.install(messages);
  resident.agent.register({ expires: 600 });
  return { resident, calls, messages, read };
}

describe.each<TransportProtocol>(['UDP', 'TCP', 'TLS', 'WS'])('over %s', (protocol) => {
  it.each([false, true])('two registered user agents call and write to each other; behind NATs: %s', async (hidden) => {
    await exchangeIn(1);
    const nat = (address: string): Nat | undefined =>
      hidden
        ? town.network.nat({
            address,
            mapping: 'address-and-port-dependent',
            filtering: 'address-and-port-dependent',
            timeout: 60_000,
          })
        : undefined;
    const alice = await party('alice', hidden ? '10.0.0.1' : '192.0.2.1', protocol, nat('203.0.113.1'));
    const bob = await party('bob', hidden ? '10.0.0.1' : '192.0.2.2', protocol, nat('203.0.113.2'));
    await town.clock.play(500_000);
    const scheme = protocol === 'TLS' ? 'sips' : 'sip';
    alice.calls.call({ target: `${scheme}:bob@${domain}` });
    await town.clock.play(1_000);
    expect(alice.calls.outcomes[0]?.statuses).toEqual([100, 180, 200]);
    expect(bob.calls.calls[0]?.acks).toHaveLength(1);
    expect(bob.calls.calls[0]?.dialog.secure).toBe(protocol === 'TLS');
    await town.clock.play(300_000);
    const bye = bob.calls.calls[0]?.hangUp();
    await town.clock.play(1_000);
    expect(bye?.statuses).toEqual([200]);
    expect(alice.calls.calls[0]?.requests.map(({ method }) => method)).toEqual(['BYE']);
    const sent = alice.messages.send(`${scheme}:bob@${domain}`, 'Grüß Gott');
    await town.clock.play(1_000);
    expect(await sent).toHaveProperty('status', 200);
    expect(bob.read).toEqual(['Grüß Gott']);
    const ended = [alice, bob].map(({ resident }) => resident.agent.registration?.end());
    await town.clock.play(everything);
    for (const each of ended) await each;
    expect(town.leftOvers()).toEqual([]);
  });
});

describe('over a network that loses, doubles and reorders', () => {
  const link: Link = { delay: 20, jitter: 40, loss: 0.2, duplication: 0.1, reordering: 0.2, heldBack: 300 };

  it('nothing is left over, and both know the same, 100 times', { timeout: 120_000 }, async () => {
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= 100; seed += 1) {
      const exchange = await exchangeIn(seed, link);
      const alice = await party('alice', '192.0.2.1', 'UDP');
      const bob = await party('bob', '192.0.2.2', 'UDP');
      await town.clock.play(100_000);
      if (seed % 4 === 0) bob.calls.statuses = [180];
      const set = alice.calls.call({ target: `sip:bob@${domain}` });
      const sent = alice.messages.send(`sip:bob@${domain}`, 'hello');
      if (seed % 4 === 0) town.clock.after(seed * 20, () => set.cancel());
      await town.clock.play(50_000);
      const statuses = alice.calls.outcomes[0]?.statuses ?? [];
      const final = statuses.find((status) => status >= 200) ?? 0;
      outcomes.set(String(final), (outcomes.get(String(final)) ?? 0) + 1);
      // Nobody has a call that the other one does not have, once goodbyes and giving up are over.
      for (const call of alice.calls.calls) if (call.dialog.state === 'confirmed') call.hangUp();
      await town.clock.play(everything);
      for (const { dialog } of [...alice.calls.calls, ...bob.calls.calls]) {
        expect(dialog.state, `seed ${String(seed)}`).toBe('terminated');
      }
      await town.clock.play(1);
      await sent;
      const ended = [alice, bob].map(({ resident }) => resident.agent.registration?.end());
      await town.clock.play(1_000_000);
      for (const each of ended) await each;
      expect(town.leftOvers(), `seed ${String(seed)}`).toEqual([]);
      expect(exchange.location.bindings(`sip:alice@${domain}`), `seed ${String(seed)}`).toEqual([]);
      await town.stop();
    }
    expect(outcomes.get('200')).toBeGreaterThan(60);
    expect(outcomes.get('487')).toBeGreaterThan(15);
  });
});
