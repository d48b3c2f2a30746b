import { describe, expect, test } from 'vitest';
import { sip } from './plan.testing.ts';
import { Reach } from './reach.ts';
import type { ReachParts } from './reach.ts';

type Place = Parameters<Reach['mayReach']>[0];
type Origin = Parameters<Reach['heard']>[0];

const place = (text: string): Place => {
  const end = text.lastIndexOf(':');
  return { address: text.slice(0, end), port: Number(text.slice(end + 1)) };
};
const isAt =
  (...places: readonly string[]): ((address: string, port: number) => boolean) =>
  (address, port) =>
    places.includes(`${address}:${String(port)}`);
const isAtPlace =
  (...places: readonly string[]): ((place: Place) => boolean) =>
  ({ address, port }) =>
    isAt(...places)(address, port);
const contactsAt = (
  contacts: readonly string[],
  sources: readonly string[],
  flows: readonly number[] = [],
): ReachParts['contacts'] => ({
  isContact: ({ address, port }) => isAt(...contacts)(address, port),
  isSource: ({ address, port }) => isAt(...sources)(address, port),
  ownersOf: (flow) => new Set(flows.includes(flow) ? ['sip:bob@example.com'] : []),
});

/** An exchange at 192.0.2.1 and 10.0.0.1, port 5060. */
function reach(parts: Partial<ReachParts> = {}): Reach {
  return new Reach({
    reachable: [],
    ownHosts: ['192.0.2.1', '10.0.0.1', 'example.com'],
    servesMachine: false,
    isOurs: isAt('192.0.2.1:5060', '10.0.0.1:5060'),
    isGateway: isAt(),
    gateways: { has: () => false, learn: () => undefined },
    isServer: ({ remote: { address } }) => address === '192.0.0.8',
    contacts: contactsAt([], []),
    ...parts,
  });
}

const flow = (id: number, remote: string): Origin => ({ id, remote: place(remote) });
const stranger = flow(1, '203.0.113.9:5060');
const sent = { method: 'INVITE', uri: sip('sip:x@example.net'), withGateway: false };
const outside = { ...sent, source: stranger, vouched: false };
const within = { ...sent, source: stranger, vouched: true };

describe('what begins a dialog goes', () => {
  test.each([
    ['198.51.100.2:5060', true],
    ['[2001:db8::2]:5060', true],
    ['10.0.0.5:5060', true],
    ['192.168.1.9:6379', true],
    ['fd00::9:5060', true],
    ['127.0.0.1:6379', false],
    ['127.9.9.9:5060', false],
    ['::1:6379', false],
    ['::ffff:127.0.0.1:6379', false],
    ['0.0.0.0:6379', false],
    [':::6379', false],
    ['169.254.169.254:80', false],
    ['fe80::1%eth0:5060', false],
    ['192.0.0.8:5062', false],
    ['224.0.1.75:5060', false],
    ['255.255.255.255:5060', false],
    ['192.0.2.1:5060', true],
    ['192.0.2.1:6379', false],
    ['10.0.0.1:5060', true],
    ['10.0.0.1:22', false],
  ])('to %s: %s', (text, expected) => {
    expect(reach().mayReach(place(text.replace(/[[\]]/g, '')), outside)).toBe(expected);
  });
});

describe('what is within a dialog goes', () => {
  test.each([
    ['198.51.100.2:5060', true],
    ['192.0.2.1:5060', true],
    ['10.0.0.5:5060', false],
    ['100.64.3.3:5060', false],
    ['172.16.0.1:5060', false],
    ['172.32.0.1:5060', true],
    ['192.168.1.9:6379', false],
    ['::ffff:192.168.1.9:6379', false],
    ['fd00::9:5060', false],
    ['127.0.0.1:6379', false],
  ])('to %s, for a stranger: %s', (text, expected) => {
    expect(reach().mayReach(place(text), within)).toBe(expected);
  });

  test('into the networks behind, for the telephone of a subscriber and for a server', () => {
    const contacts = contactsAt([], ['10.0.0.7:5060'], [7]);
    const parts = { contacts };
    for (const source of [flow(7, '203.0.113.9:40000'), flow(8, '10.0.0.7:5060'), flow(9, '192.0.0.8:5062')]) {
      const sender = { ...within, source };
      expect(reach(parts).mayReach(place('10.0.0.5:5060'), sender)).toBe(true);
      expect(reach(parts).mayReach(place('127.0.0.1:6379'), sender)).toBe(false);
    }
  });

  test('to a telephone where it has registered that it is, on this machine only where it has registered from', () => {
    const contacts = contactsAt(['10.0.0.7:5060', '127.0.0.1:6379'], ['127.0.0.1:5070']);
    const of = reach({ contacts });
    const ways = ['10.0.0.7:5060', '10.0.0.7:22', '127.0.0.1:6379', '127.0.0.1:5070'];
    expect(ways.map((way) => of.mayReach(place(way), within))).toEqual([true, false, false, true]);
  });

  test('to a gateway', () => {
    const of = reach({ isGateway: isAt('127.0.0.1:5080', '10.0.0.9:5060') });
    const ways = ['127.0.0.1:5080', '10.0.0.9:5060', '10.0.0.9:22'];
    expect(ways.map((way) => of.mayReach(place(way), within))).toEqual([true, true, false]);
  });

  test('to a gateway only what ends or carries on, unless the gateway takes part in the call', () => {
    const of = reach({ gateways: { has: isAtPlace('198.51.100.5:5060'), learn: () => undefined } });
    const may = (method: string, more: Partial<typeof within> = {}): boolean =>
      of.mayReach(place('198.51.100.5:5060'), { ...within, method, ...more });
    for (const method of ['INVITE', 'REFER', 'MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'REGISTER', 'CALL']) {
      expect([method, may(method)]).toEqual([method, false]);
      expect(may(method, { withGateway: true })).toBe(true);
      expect(may(method, { vouched: false })).toBe(true);
    }
    for (const method of ['ACK', 'BYE', 'INFO', 'PRACK', 'UPDATE']) expect(may(method)).toBe(true);
    expect(of.mayReach(place('198.51.100.6:5060'), within)).toBe(true);
  });

  test('to where a call has been let go before, and to whoever has called from there', () => {
    const of = reach();
    expect(of.mayReach(place('10.0.0.5:5060'), outside)).toBe(true);
    of.heard(flow(3, '10.0.0.6:5060'));
    of.heard(flow(4, '127.0.0.1:5070'));
    const ways = ['10.0.0.5:5060', '10.0.0.5:22', '10.0.0.6:5060', '10.0.0.6:22', '127.0.0.1:5070', '127.0.0.1:22'];
    expect(ways.map((way) => of.mayReach(place(way), within))).toEqual([true, false, true, false, true, false]);
  });

  test('never to a server in the process past the exchange, whatever that has sent', () => {
    const of = reach();
    of.heard(flow(3, '192.0.0.8:5062'));
    expect([within, outside].map((sender) => of.mayReach(place('192.0.0.8:5062'), sender))).toEqual([false, false]);
  });
});

test('an exchange for this machine alone serves all of it, and the link of nobody', () => {
  const of = reach({ servesMachine: true, ownHosts: ['127.0.0.1'] });
  const ways = ['127.0.0.1:6379', '127.0.0.9:5060', '169.254.169.254:80', '10.0.0.5:5060'];
  expect(ways.map((way) => of.mayReach(place(way), within))).toEqual([true, true, false, false]);
});

test('what the configuration opens is open', () => {
  const of = reach({ reachable: ['10.0.0.0/16', '127.0.0.1'] });
  const ways = ['10.0.255.5:22', '10.1.0.5:22', '127.0.0.1:22', '127.0.0.2:22'];
  expect(ways.map((way) => of.mayReach(place(way), within))).toEqual([true, false, true, false]);
});

test('places that were met are remembered, and in bounds', () => {
  const of = reach();
  of.heard(flow(3, '10.0.0.6:5060'));
  for (let port = 1; port < 4_096; port += 1) of.heard(flow(3, `10.0.0.5:${String(port)}`));
  expect(of.mayReach(place('10.0.0.6:5060'), within)).toBe(true);
  of.heard(flow(3, '10.0.0.5:5000'));
  expect(of.mayReach(place('10.0.0.6:5060'), within)).toBe(false);
});
