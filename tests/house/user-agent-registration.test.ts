import { afterEach, describe, expect, it } from 'vitest';
import { NameAddr } from '@switchhook/sip';
import type { RegistrationState, TransportProtocol } from '@switchhook/sip';
import { exampleExchange } from './simulated/exchange.testing.ts';
import type { SimulatedExchange } from './simulated/exchange.testing.ts';
import { Town } from './simulated/town.testing.ts';
import { Resident } from './simulated/user-agent.testing.ts';
import type { ResidentOptions } from './simulated/user-agent.testing.ts';

const domain = 'example.com';
let town = new Town();

afterEach(async () => {
  await town.stop();
  expect(town.leftOvers()).toEqual([]);
});

async function newTown(seed = 1): Promise<SimulatedExchange> {
  town = new Town(seed);
  return exampleExchange(town);
}

function resident(name: string, options: ResidentOptions): Promise<Resident> {
  return town.moveIn(
    new Resident(town, name, {
      credentials: () => ({ username: name, password: `${name}-secret` }),
      ...options,
    }),
  );
}

describe('a registration', () => {
  it.each<TransportProtocol>(['UDP', 'TCP', 'TLS', 'WS'])(
    'stands, is refreshed and removed over %s',
    async (protocol) => {
      const exchange = await newTown();
      const address = `<${protocol === 'TLS' ? 'sips' : 'sip'}:alice@${domain}>`;
      const parameter = protocol === 'TLS' || protocol === 'UDP' ? '' : `;transport=${protocol.toLowerCase()}`;
      const proxy = NameAddr.of({ uri: `${protocol === 'TLS' ? 'sips' : 'sip'}:${domain}${parameter};lr` });
      const alice = await resident('alice', { at: '192.0.2.1', protocols: [protocol], address, route: [proxy] });
      const states: RegistrationState['kind'][] = [];
      const registration = alice.agent.register({ expires: 600 });
      registration.onChange(({ kind }) => states.push(kind));
      await town.clock.play(1_000);
      expect(states).toEqual(['registered']);
      expect(exchange.location.bindings(`sip:alice@${domain}`)).toHaveLength(1);
      await town.clock.play(3_600_000);
      expect(exchange.location.bindings(`sip:alice@${domain}`)).toHaveLength(1);
      expect(registration.state.kind).toBe('registered');
      const ended = registration.end();
      await town.clock.play(60_000);
      await ended;
      expect(registration.state).toEqual({ kind: 'unregistered' });
      expect(exchange.location.bindings(`sip:alice@${domain}`)).toHaveLength(0);
    },
  );
});
