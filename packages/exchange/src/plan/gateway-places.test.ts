import type { Destination } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { GatewayPlaces } from './gateway-places.ts';
import { Gateways } from './gateways.ts';
import type { Gateway } from './gateways.ts';
import { sip } from './plan.testing.ts';

const gatewayAt = (uri: string): Gateway => ({ name: uri, uri: sip(uri), prefixes: ['+'], strip: 0, prepend: '' });
const udp = (address: string, port = 5060): Destination => ({ protocol: 'UDP', address, port });

/** Gateways as a configuration names them; a telephone has registered from 192.0.2.5:40000, which is the address of one. */
function places(
  uris: readonly string[],
  dns: Record<string, readonly string[]> = {},
): GatewayPlaces & { reload(): void } {
  let configured = uris.map(gatewayAt);
  const found = new GatewayPlaces({
    resolver: {
      resolve: ({ host }) => Promise.resolve((dns[host] ?? []).map((address) => udp(address))),
    },
    isGateway: (address, port) => new Gateways(configured).isPlace(address, port),
    isGatewayHost: (host) => new Gateways(configured).hasHost(host),
    contacts: { isSource: ({ address, port }) => address === '192.0.2.5' && (port === 40_000 || port === 5060) },
  });
  found.load(configured);
  return Object.assign(found, { reload: () => void (configured = []) });
}

test.each([
  ['192.0.2.5', 5060, true],
  ['192.0.2.5', 5061, true],
  ['::ffff:192.0.2.5', 5060, true],
  ['::ffff:c000:205', 5080, true],
  ['192.0.2.5', 40_000, false],
  ['192.0.2.6', 5060, false],
])('%s port %i is a gateway: %s', (address, port, expected) => {
  expect(places(['sip:192.0.2.5']).has({ address, port })).toBe(expected);
});

test('one with a name is known by all addresses of the name, before anything has gone there', async () => {
  const of = places(['sip:gw.example.net'], { 'gw.example.net': ['198.51.100.1', '2001:db8::1'] });
  await Promise.resolve();
  await Promise.resolve();
  const asked = ['198.51.100.1', '2001:db8:0::1', '198.51.100.2'];
  expect(asked.map((address) => of.has({ address, port: 5060 }))).toEqual([true, true, false]);
  of.learn(sip('sip:+4930@gw.example.net'), udp('198.51.100.2'));
  of.learn(sip('sip:x@example.net'), udp('198.51.100.3'));
  of.learn(sip('sip:x@gw.example.net;maddr=198.51.100.4'), udp('198.51.100.4'));
  const learnt = ['198.51.100.2', '198.51.100.3', '198.51.100.4'];
  expect(learnt.map((address) => of.has({ address, port: 5060 }))).toEqual([true, false, false]);
});

test('one that is no gateway any more is forgotten', () => {
  const of = places(['sip:gw.example.net', 'sip:192.0.2.5']);
  of.learn(sip('sip:gw.example.net'), udp('198.51.100.2'));
  of.reload();
  expect(['198.51.100.2', '192.0.2.5'].map((address) => of.has({ address, port: 5060 }))).toEqual([false, false]);
});

test('of the addresses of names, as many as are bounded are remembered, the latest', () => {
  const of = places(['sip:gw.example.net']);
  const address = (at: number): string => `10.0.${String(at >> 8)}.${String(at & 255)}`;
  for (let at = 0; at <= 4_096; at += 1) of.learn(sip('sip:gw.example.net'), udp(address(at)));
  expect([0, 1, 4_096].map((at) => of.has({ address: address(at), port: 5060 }))).toEqual([false, true, true]);
});
