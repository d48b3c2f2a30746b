import { defaultStreamLimits } from '@switchhook/sip';
import type { Destination, TransportErrorCode } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import type { NetworkOptions } from './fabric.ts';
import type { Recorder } from './network.testing.ts';
import { simulation, started } from './network.testing.ts';
import type { SimulatedNetwork } from './network.ts';
import type { SimulatedTransport } from './simulated-transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Pair {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly alice: SimulatedTransport;
  readonly bob: SimulatedTransport;
  readonly atAlice: Recorder;
  readonly atBob: Recorder;
}

async function pair(protocol: 'TCP' | 'TLS' | 'WSS', options: NetworkOptions = {}): Promise<Pair> {
  const { clock, network } = simulation(options);
  const alice = network.host('alice', ['192.0.2.1']).transport(protocol, {
    identity: { domains: [], addresses: ['sip:alice@example.com'] },
  });
  const bob = network
    .host('bob', ['192.0.2.2'])
    .transport(protocol, { port: 5061, identity: { domains: ['example.com'], addresses: [] } });
  return { clock, network, alice, bob, atAlice: await started(alice), atBob: await started(bob) };
}

function toBob(protocol: 'TCP' | 'TLS' | 'WSS', serverName = 'example.com'): Destination {
  return { protocol, address: '192.0.2.2', port: 5061, serverName };
}

function reasonOf(transport: SimulatedTransport, destination: Destination, clock: VirtualClock): TransportErrorCode[] {
  const reasons: TransportErrorCode[] = [];
  transport.connect(destination).onClose(({ code }) => reasons.push(code));
  clock.advance(60_000);
  return reasons;
}

describe('connections', () => {
  test('take messages while they are made, send them once they stand, and carry the answers back', async () => {
    const { clock, alice, atAlice, atBob } = await pair('TCP', { link: { delay: 10 } });
    const flow = alice.connect(toBob('TCP'));
    flow.send('one');
    flow.send('two');
    clock.advance(29);
    expect(atBob.texts).toEqual([]);
    clock.advance(1);
    expect(atBob.texts).toEqual(['one', 'two']);
    atBob.flows[0]?.send('three');
    clock.advance(10);
    expect(atAlice.texts).toEqual(['three']);
    expect(atAlice.flows[0]).toBe(flow);
    expect(alice.connect(toBob('TCP'))).toBe(flow);
    expect(alice.flow(flow.id)).toBe(flow);
  });

  test('lose nothing and keep the order on a bad link', async () => {
    const { clock, alice, atBob } = await pair('TCP', { link: { loss: 0.3, jitter: 50 } });
    const flow = alice.connect(toBob('TCP'));
    const texts = Array.from({ length: 300 }, (_, index) => String(index));
    for (const text of texts) flow.send(text);
    expect(clock.runToEnd()).toBe(true);
    expect(atBob.texts).toEqual(texts);
  });

  test('end on both sides, after what was sent before', async () => {
    const { clock, alice, bob, atBob } = await pair('TCP');
    const flow = alice.connect(toBob('TCP'));
    flow.send('one');
    clock.advance(10);
    const reasons: TransportErrorCode[] = [];
    atBob.flows[0]?.onClose(({ code }) => reasons.push(code));
    flow.send('two');
    flow.close('closed');
    clock.advance(10);
    expect(atBob.texts).toEqual(['one', 'two']);
    expect(reasons).toEqual(['closed']);
    expect([alice.stats().flows, bob.stats().flows]).toEqual([0, 0]);
  });

  test('do not carry what crosses their end', async () => {
    const { clock, network, alice, atAlice, atBob } = await pair('TCP', { link: { delay: 10 } });
    const flow = alice.connect(toBob('TCP'));
    flow.send('one');
    clock.advance(30);
    atBob.flows[0]?.send('crossing');
    flow.close('closed');
    clock.advance(20);
    expect(atAlice.texts).toEqual([]);
    expect(network.trace.entries.map(({ text, fate }) => `${text} ${fate}`)).toEqual([
      'one delivered',
      'crossing unheard',
    ]);
    expect(atBob.flows[0]?.closed).toBe(true);
  });

  test('fail for the reason that the network has', async () => {
    const { clock, network, alice, bob } = await pair('TCP');
    expect(reasonOf(alice, { ...toBob('TCP'), port: 9 }, clock)).toEqual(['refused']);
    expect(reasonOf(alice, { ...toBob('TCP'), address: '203.0.113.9' }, clock)).toEqual(['unreachable']);
    const heal = network.partition(['alice'], ['bob']);
    expect(reasonOf(alice, toBob('TCP'), clock)).toEqual(['timeout']);
    heal();
    const flow = alice.connect(toBob('TCP'));
    clock.advance(10);
    await bob.stop();
    clock.advance(10);
    expect(flow.closed).toBe(true);
    expect(reasonOf(alice, toBob('TCP'), clock)).toEqual(['refused']);
  });

  test('are given up as those of sockets are when they do not stand in time, and carry nothing after it', async () => {
    const { clock, network, alice, bob, atBob } = await pair('TCP');
    const reasons: string[] = [];
    const open = (): void => {
      const flow = alice.connect(toBob('TCP'));
      flow.send('waiting');
      flow.onClose(({ code }) => reasons.push(`${code} after ${clock.now() - begin}`));
    };
    const heal = network.partition(['alice'], ['bob']);
    let begin = clock.now();
    open();
    clock.advance(defaultStreamLimits.connectTimeout);
    expect(reasons).toEqual(['timeout after 6000']);
    heal();
    clock.advance(60_000);
    expect(atBob.texts).toEqual([]);
    network.oneWayLink('bob', 'alice', { loss: 1 });
    begin = clock.now();
    open();
    clock.advance(60_000);
    expect(reasons).toEqual(['timeout after 6000', 'timeout after 6000']);
    expect([alice.stats().flows, bob.stats().flows]).toEqual([0, 0]);
    expect(clock.pending).toBe(0);
  });

  test('that came to stand in time are not given up later', async () => {
    const { clock, network, alice, atBob } = await pair('TCP', { connectTimeout: 2_000 });
    const heal = network.partition(['alice'], ['bob']);
    const flow = alice.connect(toBob('TCP'));
    clock.advance(1_000);
    heal();
    clock.advance(600_000);
    flow.send('hello');
    clock.advance(10);
    expect(atBob.texts).toEqual(['hello']);
  });

  test('survive a short partition and end in a long one', async () => {
    const { clock, network, alice, atBob } = await pair('TCP');
    const flow = alice.connect(toBob('TCP'));
    clock.advance(10);
    const heal = network.partition(['alice'], ['bob']);
    flow.send('late');
    clock.advance(5000);
    heal();
    clock.advance(5000);
    expect(atBob.texts).toEqual(['late']);
    network.partition(['alice'], ['bob']);
    flow.send('never');
    clock.advance(60_000);
    expect(flow.closed).toBe(true);
    expect(network.trace.entries.at(-1)?.fate).toBe('parted');
  });

  test.each(['TLS', 'WSS'] as const)('%s shows each side who the other is', async (protocol) => {
    const { clock, alice, atBob } = await pair(protocol);
    const flow = alice.connect(toBob(protocol));
    expect(flow.peer).toBeUndefined();
    flow.send('hello');
    clock.advance(10);
    expect(flow.peer).toEqual({ domains: ['example.com'], addresses: [] });
    expect(atBob.flows[0]?.peer?.addresses).toEqual(['sip:alice@example.com']);
  });

  test('TLS to a name that the certificate does not prove ends before anything is sent', async () => {
    const { clock, alice, bob, atBob } = await pair('TLS');
    const flow = alice.connect(toBob('TLS', 'example.net'));
    const reasons: TransportErrorCode[] = [];
    flow.onClose(({ code }) => reasons.push(code));
    flow.send('secret');
    clock.advance(1000);
    expect(reasons).toEqual(['certificate']);
    expect(atBob.texts).toEqual([]);
    expect(bob.stats().flows).toBe(0);
  });

  test('TLS is reused for a name the far end has proven only', async () => {
    const { clock, alice } = await pair('TLS');
    const flow = alice.connect(toBob('TLS'));
    clock.advance(10);
    expect(alice.connect(toBob('TLS', 'EXAMPLE.com'))).toBe(flow);
    expect(alice.connect(toBob('TLS', 'example.net'))).not.toBe(flow);
  });

  test('a proven connection can be used backwards under its alias (RFC 5923)', async () => {
    const { clock, network, bob, atBob } = await pair('TLS');
    const proxy = network.host('proxy', ['192.0.2.3']).transport('TLS', {
      identity: { domains: ['proxy.example.com'], addresses: [] },
    });
    await started(proxy);
    proxy.connect(toBob('TLS')).send('hello');
    clock.advance(10);
    const [flow] = atBob.flows;
    flow?.acceptAlias(5061);
    const back = { protocol: 'TLS', address: '192.0.2.3', port: 5061 } as const;
    expect(bob.connect({ ...back, serverName: 'proxy.example.com' })).toBe(flow);
    expect(bob.connect({ ...back, serverName: 'example.org' })).not.toBe(flow);
  });

  test('keep-alives find a dead connection; they never come up as messages', async () => {
    const { clock, network, alice, atAlice, atBob } = await pair('TCP');
    const flow = alice.connect(toBob('TCP'));
    flow.keepAlive(20);
    clock.advance(200_000);
    expect(flow.closed).toBe(false);
    network.partition(['alice'], ['bob']);
    clock.advance(31_000);
    expect(flow.closed).toBe(true);
    expect([...atAlice.texts, ...atBob.texts]).toEqual([]);
  });

  test('respect the limits on flows and on what waits', async () => {
    const { clock, alice, bob } = await pair('TCP', { flows: 1, queued: 2 });
    const flow = alice.connect(toBob('TCP'));
    flow.send('one');
    flow.send('two');
    flow.send('three');
    expect(flow.closed).toBe(true);
    clock.advance(10);
    expect(bob.stats().flows).toBe(0);
    alice.connect(toBob('TCP'));
    expect(alice.connect({ ...toBob('TCP'), port: 1 }).closed).toBe(true);
    expect(alice.stats().refused).toEqual({ flows: 1 });
  });
});
