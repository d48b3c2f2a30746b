import { describe, expect, test } from 'vitest';
import type { NatOptions } from './nat.ts';
import type { Recorder } from './network.testing.ts';
import { simulation, started } from './network.testing.ts';
import type { SimulatedTransport } from './simulated-transport.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { Nat } from './nat.ts';

const server = { protocol: 'UDP', address: '192.0.2.9', port: 5060 } as const;

interface Scene {
  readonly clock: VirtualClock;
  readonly nat: Nat;
  readonly phone: SimulatedTransport;
  readonly atPhone: Recorder;
  readonly atServer: Recorder;
  readonly atServerAlternate: Recorder;
  readonly atStranger: Recorder;
  readonly stranger: SimulatedTransport;
}

async function scene(options: Omit<NatOptions, 'address'> = {}): Promise<Scene> {
  const { clock, network } = simulation();
  const nat = network.nat({ address: '198.51.100.1', ...options });
  const phone = network.host('phone', ['10.0.0.2'], nat).transport('UDP');
  const serverHost = network.host('server', ['192.0.2.9']);
  const stranger = network.host('stranger', ['192.0.2.66']).transport('UDP');
  return {
    clock,
    nat,
    phone,
    atPhone: await started(phone),
    atServer: await started(serverHost.transport('UDP')),
    atServerAlternate: await started(serverHost.transport('UDP', { port: 5080 })),
    atStranger: await started(stranger),
    stranger,
  };
}

describe('a NAT', () => {
  test('shows its own address and a port, and lets the answer in', async () => {
    const { clock, phone, atPhone, atServer } = await scene();
    phone.connect(server).send('register');
    clock.advance(1);
    const seen = atServer.flows[0]?.remote;
    expect(seen).toEqual({ address: '198.51.100.1', port: 20_000 });
    atServer.flows[0]?.send('ok');
    clock.advance(1);
    expect(atPhone.texts).toEqual(['ok']);
  });

  test('forgets a mapping after its timeout, and a keep-alive prevents that', async () => {
    const { clock, phone, atPhone, atServer } = await scene({ timeout: 30_000 });
    const flow = phone.connect(server);
    flow.send('register');
    flow.keepAlive(25);
    clock.advance(100_000);
    atServer.flows[0]?.send('still there');
    clock.advance(1);
    expect(atPhone.texts).toEqual(['still there']);
    flow.close('closed');
    clock.advance(30_000);
    atServer.flows[0]?.send('gone');
    clock.advance(1);
    expect(atPhone.texts).toEqual(['still there']);
    phone.connect(server).send('again');
    clock.advance(1);
    expect(atServer.flows[1]?.remote.port).toBe(20_001);
  });

  test.each([
    ['endpoint-independent', true],
    ['address-dependent', false],
    ['address-and-port-dependent', false],
  ] as const)('with %s filtering lets a stranger in: %s', async (filtering, comesIn) => {
    const { clock, phone, atPhone, stranger } = await scene({ filtering });
    phone.connect(server).send('register');
    clock.advance(1);
    stranger.connect({ protocol: 'UDP', address: '198.51.100.1', port: 20_000 }).send('ring');
    clock.advance(1);
    expect(atPhone.texts).toEqual(comesIn ? ['ring'] : []);
  });

  test.each([
    ['endpoint-independent', [20_000, 20_000, 20_000]],
    ['address-dependent', [20_000, 20_000, 20_001]],
    ['address-and-port-dependent', [20_000, 20_001, 20_002]],
  ] as const)('with %s mapping', async (mapping, ports) => {
    const { clock, phone, atServer, atServerAlternate, atStranger } = await scene({ mapping });
    phone.connect(server).send('one');
    phone.connect({ ...server, port: 5080 }).send('two');
    phone.connect({ ...server, address: '192.0.2.66' }).send('three');
    clock.advance(1);
    const seen = [atServer, atServerAlternate, atStranger].map(({ flows }) => flows[0]?.remote.port);
    expect(seen).toEqual(ports);
  });

  test('holds no more mappings than its limit', async () => {
    const { clock, nat, phone, atStranger } = await scene({ mapping: 'address-dependent', maximumMappings: 1 });
    phone.connect(server).send('one');
    phone.connect({ ...server, address: '192.0.2.66' }).send('two');
    clock.advance(30_000);
    expect(atStranger.texts).toEqual([]);
    phone.connect({ ...server, address: '192.0.2.66' }).send('three');
    clock.advance(1);
    expect(atStranger.texts).toEqual(['three']);
    expect(nat.mappings).toBe(1);
  });

  test('carries connections, until it is switched off and on', async () => {
    const { clock, network } = simulation();
    const nat = network.nat({ address: '198.51.100.1' });
    const phone = network.host('phone', ['10.0.0.2'], nat).transport('TCP', { listening: false });
    const other = network.host('server', ['192.0.2.9']).transport('TCP');
    const atPhone = await started(phone);
    const atServer = await started(other);
    phone.connect({ ...server, protocol: 'TCP' }).send('register');
    clock.advance(3_600_000);
    const back = atServer.flows[0];
    expect(back?.remote.address).toBe('198.51.100.1');
    back?.send('ring');
    clock.advance(1);
    expect(atPhone.texts).toEqual(['ring']);
    nat.restart();
    back?.send('ring');
    clock.advance(60_000);
    expect(back?.closed).toBe(true);
    expect(atPhone.texts).toEqual(['ring']);
  });
});
