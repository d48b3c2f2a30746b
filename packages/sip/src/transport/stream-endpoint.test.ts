import { describe, expect, test } from 'vitest';
import type { Destination } from './contract.ts';
import { EndpointBench } from './stream-endpoint.testing.ts';

const tcp: Destination = { protocol: 'TCP', address: '192.0.2.1', port: 5060 };
const tls: Destination = { protocol: 'TLS', address: '192.0.2.1', port: 5061, serverName: 'Example.com' };

describe('connection reuse', () => {
  test('CX-18 the same address and port, while it stands or connects', () => {
    const { endpoint, outgoing } = new EndpointBench();
    const flow = endpoint.connect(tcp);
    expect(endpoint.connect(tcp)).toBe(flow);
    expect(endpoint.connect({ ...tcp, port: 5062 })).not.toBe(flow);
    outgoing[0]?.flow.ended();
    expect(endpoint.connect(tcp)).not.toBe(flow);
    expect(endpoint.flow(flow.id)).toBe(undefined);
  });

  test('one that the far end opened, for its very address and port', () => {
    const bench = new EndpointBench();
    const { flow } = bench.accept(40_000);
    expect(bench.endpoint.connect({ ...tcp, port: 40_000 })).toBe(flow);
    expect(bench.endpoint.flow(flow.id)).toBe(flow);
  });

  test('over TLS only for the name that was proven', () => {
    const bench = new EndpointBench('TLS');
    const flow = bench.endpoint.connect(tls);
    expect(bench.endpoint.connect({ ...tls, serverName: 'example.com' })).toBe(flow);
    expect(bench.endpoint.connect({ ...tls, serverName: 'other.example' })).not.toBe(flow);
    bench.outgoing[0]?.flow.opened({ domains: ['example.com', 'third.example'], addresses: [] });
    expect(bench.endpoint.connect({ ...tls, serverName: 'third.example' })).toBe(flow);
  });

  test('an accepted TLS connection without a proven name is never used for a new request', () => {
    const bench = new EndpointBench('TLS');
    const { flow } = bench.accept(40_000);
    flow.acceptAlias(5061);
    expect(bench.endpoint.connect({ ...tls, port: 40_000 })).not.toBe(flow);
    expect(bench.endpoint.connect(tls)).not.toBe(flow);
  });

  test('an alias holds for the proven name, until another or the end', () => {
    const bench = new EndpointBench('TLS');
    const accepted = bench.tryAccept(40_000);
    if (accepted === undefined) throw new Error('refused');
    accepted.flow.opened({ domains: ['example.com'], addresses: [] });
    accepted.flow.acceptAlias(5061);
    expect(bench.endpoint.connect(tls)).toBe(accepted.flow);
    expect(bench.endpoint.connect({ ...tls, serverName: 'other.example' })).not.toBe(accepted.flow);
    accepted.flow.acceptAlias(5071);
    expect(bench.endpoint.connect({ ...tls, port: 5071 })).toBe(accepted.flow);
    expect(bench.endpoint.connect(tls)).not.toBe(accepted.flow);
    accepted.flow.ended();
    expect(bench.endpoint.connect({ ...tls, port: 5071 })).not.toBe(accepted.flow);
  });

  test('no alias without TLS', () => {
    const bench = new EndpointBench();
    const { flow } = bench.accept(40_000);
    flow.acceptAlias(5060);
    expect(bench.endpoint.connect(tcp)).not.toBe(flow);
  });
});

describe('limits', () => {
  test('connections in all and from one address', () => {
    const bench = new EndpointBench('TCP', { maximumConnections: 4, maximumConnectionsPerAddress: 2 });
    const first = bench.accept(1);
    bench.accept(2);
    expect(bench.tryAccept(3)).toBe(undefined);
    bench.accept(3, '192.0.2.2');
    bench.endpoint.connect({ ...tcp, address: '192.0.2.3' });
    expect(bench.tryAccept(4, '192.0.2.4')).toBe(undefined);
    expect(bench.endpoint.connect({ ...tcp, address: '192.0.2.5' }).closed).toBe(true);
    expect(bench.endpoint.stats().refused).toEqual({ 'connections-per-address': 1, connections: 2 });
    first.flow.ended();
    expect(bench.tryAccept(3)).toBeDefined();
  });
});

describe('stop', () => {
  test('lets what was written go out, then nothing is left', async () => {
    const bench = new EndpointBench();
    const open = bench.accept(1);
    const silent = bench.accept(2);
    const handshaking = bench.tryAccept(3);
    bench.endpoint.connect(tcp);
    const stopped = bench.endpoint.stop();
    expect([open.pipe.state, silent.pipe.state, handshaking?.pipe.state]).toEqual(['ending', 'ending', 'destroyed']);
    open.flow.ended();
    bench.clock.advance(1_000);
    await stopped;
    expect(silent.pipe.state).toBe('destroyed');
    expect(bench.endpoint.stats().flows).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });

  test('before and after, nothing is accepted', async () => {
    const bench = new EndpointBench();
    await bench.endpoint.stop();
    expect(bench.tryAccept(1)).toBe(undefined);
    expect(() => bench.endpoint.connect(tcp)).toThrow(TypeError);
  });
});
