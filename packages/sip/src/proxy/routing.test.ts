import { describe, expect, test } from 'vitest';
import type { Flow } from '../transport/contract.ts';
import type { ProxyPolicy, RingPlan, Target } from './call-plan.ts';
import { benchWith, caller, FakeFlow, parsed, ProxyBench, requestText, ring, sip } from './proxy.testing.ts';
import type { ProxyBenchOptions, RequestParts } from './proxy.testing.ts';

function benchTo(target: Target, options: ProxyBenchOptions = {}, more: Partial<RingPlan> = {}): ProxyBench {
  return new ProxyBench({ plan: () => ({ kind: 'ring', stages: [{ targets: [target] }], ...more }), ...options });
}

const bobsContact = 'sip:bob@198.51.100.2';
const bob: Target = { uri: sip(bobsContact) };
/** Of somebody who has proved who he is. */
const alices = { account: 'sip:alice@example.com' };
const bobsFlow = new FakeFlow('UDP', { address: '198.51.100.2', port: 5060 });

/** The Record-Route values of a call that was set up, as its callee sees them. */
function recordRoute(bench: ProxyBench, flow: Flow = caller, parts: RequestParts = {}): string[] {
  bench.receive(requestText(parts), flow);
  return bench.at(bench.sent.length - 1).request.rawAll('Record-Route');
}

/** A request within a dialog, straight to the contact of the peer. */
function inDialog(route: readonly string[], parts: RequestParts = {}): string {
  const headers = [...route.map((value) => `Route: ${value}`), ...(parts.headers ?? [])];
  return requestText({ method: 'BYE', uri: bobsContact, toTag: 'bob', ...parts, headers });
}

/** The same from the side of bob, whom alice called. */
function fromCallee(route: readonly string[], parts: RequestParts = {}): string {
  const text = inDialog(route, parts);
  return text.replace('tag=alice', 'tag=b').replace('tag=bob', 'tag=alice');
}

describe('Record-Route', () => {
  const callers: readonly (readonly [string, Flow, string])[] = [
    ['UDP', caller, '192.0.2.100:5060'],
    ['UDP behind a NAT', new FakeFlow('UDP', { address: '203.0.113.9', port: 4711 }), '10.0.0.1'],
    ['TCP', new FakeFlow('TCP', { address: '203.0.113.9', port: 4712 }), '203.0.113.9'],
    ['TLS', new FakeFlow('TLS', { address: '203.0.113.9', port: 4713 }), '203.0.113.9'],
    ['WS', new FakeFlow('WS', { address: '203.0.113.9', port: 4714 }), 'x.invalid'],
    ['UDP over IPv6', new FakeFlow('UDP', { address: '2001:db8::9', port: 5060 }), '[2001:db8::9]'],
  ];
  const bound = (protocol: 'UDP' | 'TCP'): Target => ({
    uri: sip('sip:bob@10.1.1.1'),
    flow: new FakeFlow(protocol, { address: '203.0.113.50', port: 999 }),
  });

  test.each<[string, Target, string[]]>([
    ['UDP', bob, ['sip:U@192.0.2.1:5060;lr']],
    ['UDP behind a NAT', bob, ['sip:F@192.0.2.1:5060;lr']],
    ['TCP', bob, ['sip:U@192.0.2.1:5060;lr', 'sip:F@192.0.2.1:5060;transport=tcp;lr']],
    ['TLS', bob, ['sip:U@192.0.2.1:5060;lr', 'sip:F@192.0.2.1:5061;transport=tls;lr']],
    ['WS', bob, ['sip:U@192.0.2.1:5060;lr', 'sip:F@192.0.2.1:8080;transport=ws;lr']],
    ['UDP over IPv6', bob, ['sip:U@192.0.2.1:5060;lr', 'sip:U@[2001:db8::1]:5060;lr']],
    ['UDP', bound('UDP'), ['sip:F@192.0.2.1:5060;lr']],
    ['UDP behind a NAT', bound('UDP'), ['sip:F@192.0.2.1:5060;lr', 'sip:F@192.0.2.1:5060;lr']],
    ['TCP', bound('TCP'), ['sip:F@192.0.2.1:5060;transport=tcp;lr', 'sip:F@192.0.2.1:5060;transport=tcp;lr']],
  ])('from %s to %o', (name, target, expected) => {
    const [, flow, host] = callers.find(([each]) => each === name) ?? ['', caller, ''];
    const via = [`SIP/2.0/${flow.protocol} ${host};branch=z9hG4bKa`];
    // U stands for a user part that marks the call, F for one that names a flow, too.
    const values = recordRoute(benchTo(target), flow, { via }).map((value) =>
      value.replace(/^<sip:[^*@]+\*[^@]+@/, '<sip:F@').replace(/^<sip:[^*@]{5,}@/, '<sip:U@'),
    );
    expect(values).toEqual(expected.map((value) => `<${value}>`));
  });

  test('names no flow when a proxy is in between', () => {
    const flow = new FakeFlow('TCP', { address: '203.0.113.9', port: 4712 });
    const via = ['SIP/2.0/TCP proxy.example.net;branch=z9hG4bKb', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa'];
    expect(recordRoute(benchTo(bob), flow, { via }).join()).not.toContain('*');
  });

  test('stays out when the plan says so', () => {
    expect(recordRoute(benchTo(bob, {}, { recordRoute: false }))).toEqual([]);
  });
});

describe('requests within a dialog', () => {
  test('go on along the route, without the policy, and lose both values of this proxy (RFC 5658)', () => {
    const bench = benchTo(bob);
    const flow = new FakeFlow('TCP', { address: '203.0.113.9', port: 4712 });
    const route = recordRoute(bench, flow).toReversed();
    expect(route).toHaveLength(2);
    const bye = bench.receive(inDialog([...route, '<sip:next.example.net;lr>']), flow);
    expect(bench.planned).toHaveLength(1);
    expect(bench.at(1).to).toBe('UDP next.example.net:5060');
    expect(bench.at(1).request.requestUriText).toBe(bobsContact);
    expect(bench.at(1).request.rawAll('Route')).toEqual(['<sip:next.example.net;lr>']);
    bench.at(1).answer(200);
    expect(bye.statuses).toEqual([200]);
    expect(bench.proxy.stats().requests).toBe(1);
  });

  test('go to the peer’s contact when nobody else is on the route', () => {
    const bench = benchTo(bob);
    bench.receive(inDialog([recordRoute(bench).join(', ')]));
    expect(bench.at(1).to).toBe('UDP 198.51.100.2:5060');
    expect(bench.at(1).request.has('Route')).toBe(false);
  });

  test('reach a phone over the connection that it opened, whatever its contact says', () => {
    const flow = new FakeFlow('WS', { address: '203.0.113.9', port: 4712 });
    const bench = benchTo(bob);
    const route = recordRoute(bench, flow);
    bench.receive(fromCallee(route, { uri: 'sip:alice@x.invalid;transport=ws' }), bobsFlow);
    expect(bench.at(1).flow).toBe(flow);
    expect(bench.at(1).request.requestUriText).toBe('sip:alice@x.invalid;transport=ws');
  });

  test.each([
    ['a Request-URI', 'sip:alice@', '', 'Request-URI: '],
    ['a Max-Breadth', undefined, 'wide', 'Max-Breadth: '],
    ['a Max-Breadth of none', undefined, '0', 'Max-Breadth: 0'],
  ])('%s that cannot be is named in the answer', (_, uri, breadth, text) => {
    const headers = breadth === '' ? [] : [`Max-Breadth: ${breadth}`];
    const { responses } = benchTo(bob).receive(requestText({ headers, ...(uri !== undefined && { uri }) }));
    expect(responses.map(({ status }) => status)).toEqual([400]);
    expect(responses[0]?.reason).toContain(`Bad Request (${text}`);
  });

  test('are answered 430 when that connection is gone', () => {
    const flow = new FakeFlow('WS', { address: '203.0.113.9', port: 4712 });
    const bench = benchTo(bob);
    const route = recordRoute(bench, flow);
    flow.close('closed');
    expect(bench.receive(fromCallee(route), bobsFlow).statuses).toEqual([430]);
  });

  test('take the connection that the phone has registered the same contact by since', () => {
    const flow = new FakeFlow('TLS', { address: '203.0.113.9', port: 4712 });
    const anew = new FakeFlow('TLS', { address: '203.0.113.9', port: 4799 });
    const owner = 'sip:alice@example.com';
    const registered = new Map<string, string>();
    const bench = benchTo(bob, {
      ownerOf: (asked) => (asked === flow ? owner : undefined),
      flowOf: ({ user = '' }, isOwner) => (isOwner(registered.get(user) ?? '') ? anew : undefined),
    });
    const route = recordRoute(bench, flow);
    flow.close('closed');
    const request = fromCallee(route, { uri: 'sip:alice-1@x.invalid;transport=tls' });
    expect(bench.receive(request, bobsFlow).statuses).toEqual([430]);
    // Somebody else has the same contact now: it is not his call.
    registered.set('alice-1', 'sip:mallory@example.com');
    expect(bench.receive(request, bobsFlow).statuses).toEqual([430]);
    registered.set('alice-1', owner);
    bench.receive(request, bobsFlow);
    expect(bench.at(1).flow).toBe(anew);
  });

  test('are left to the policy where that connection is gone and they name a GRUU of this domain (RFC 5627)', () => {
    const flow = new FakeFlow('WS', { address: '203.0.113.9', port: 4712 });
    const bench = benchTo(bob);
    const route = recordRoute(bench, flow);
    flow.close('closed');
    bench.receive(fromCallee(route, { uri: 'sip:alice@example.com;gr=urn:x' }), bobsFlow);
    expect(bench.planned.at(-1)).toMatchObject({ vouched: true, flow: undefined, route: [] });
    expect(bench.receive(fromCallee(route, { uri: 'sip:alice@elsewhere.net;gr=urn:x' }), bobsFlow).statuses).toEqual([
      430,
    ]);
  });

  test('go on when their sender has another connection than the one that he called over', () => {
    const flow = new FakeFlow('WS', { address: '203.0.113.9', port: 4712 });
    const bench = benchTo(bob);
    const route = recordRoute(bench, flow).toReversed();
    flow.close('closed');
    bench.receive(inDialog(route), new FakeFlow('WS', { address: '203.0.113.9', port: 4713 }));
    expect(bench.at(1).to).toBe('UDP 198.51.100.2:5060');
  });

  test('prove nothing when somebody tampered with the name of the flow', () => {
    const bench = benchTo(bob);
    const flow = new FakeFlow('UDP', { address: '203.0.113.9', port: 4712 });
    const [value = ''] = recordRoute(bench, flow);
    const forged = value.replace('203.0.113.9', '203.0.113.66');
    expect(forged).not.toBe(value);
    bench.receive(inDialog([forged]), bobsFlow);
    expect(bench.planned.at(-1)).toMatchObject({ vouched: false });
  });

  test('find a UDP flow again after a restart with the same secret', () => {
    const flow = new FakeFlow('UDP', { address: '203.0.113.9', port: 4712 });
    const route = recordRoute(benchTo(bob, { secret: 'kept' }), flow);
    const restarted = benchTo(bob, { secret: 'kept' });
    restarted.receive(fromCallee(route), bobsFlow);
    expect(restarted.at(0).to).toBe('UDP 203.0.113.9:4712');
    const forgetful = benchTo(bob, { secret: 'lost' });
    forgetful.receive(inDialog(route), bobsFlow);
    expect(forgetful.planned).toMatchObject([{ vouched: false }]);
  });

  test.each<[string, RequestParts]>([
    ['whose Route was made up', {}],
    ['whose Route is of another call', { callId: 'call-2' }],
  ])('%s are for the policy to judge', (_name, parts) => {
    const bench = benchTo(bob);
    const [value = ''] = recordRoute(bench);
    bench.receive(inDialog(['callId' in parts ? value : '<sip:guess@192.0.2.1:5060;lr>'], parts));
    expect(bench.planned.at(-1)).toMatchObject({ vouched: false, route: [] });
    expect(bench.planned).toHaveLength(2);
  });

  test('prove nothing without a To tag, or with tags of others', () => {
    const bench = benchTo(bob);
    const [value = ''] = recordRoute(bench);
    const beginning = requestText({ uri: bobsContact, headers: [`Route: ${value}`] });
    bench.receive(beginning);
    expect(bench.planned.at(-1)).toMatchObject({ vouched: false });
    bench.receive(inDialog([value]).replace('tag=alice', 'tag=mallory'));
    expect(bench.planned.at(-1)).toMatchObject({ vouched: false });
  });

  test('are known by the tag of the caller on either side', () => {
    const bench = benchTo(bob);
    bench.receive(fromCallee(recordRoute(bench)), bobsFlow);
    expect(bench.planned).toHaveLength(1);
  });

  test('cannot take the name of a flow out of its mark and use it as a token', () => {
    const bench = benchTo(bob);
    const flow = new FakeFlow('UDP', { address: '203.0.113.9', port: 4712 });
    const [value = ''] = recordRoute(bench, flow);
    const bare = value.replace(/sip:[^@]*\*a/, 'sip:');
    expect(bare).not.toBe(value);
    expect(bench.receive(inDialog([bare]), bobsFlow).statuses).toEqual([403]);
  });

  test('lose what the policy takes out, and so does an ACK', () => {
    const passing = (): Pick<RingPlan, 'removeHeaders'> => ({ removeHeaders: ['P-Asserted-Identity'] });
    const bench = benchTo(bob, { passing });
    const route = recordRoute(bench);
    const headers = ['P-Asserted-Identity: <sip:a@b>'];
    bench.receive(inDialog(route, { headers }));
    expect(bench.at(1).request.has('P-Asserted-Identity')).toBe(false);
    bench.proxy.ack(parsed(inDialog(route, { method: 'ACK', headers })), caller);
    expect(bench.acks.map(({ request }) => request.has('P-Asserted-Identity'))).toEqual([false]);
  });

  test('whose target is an address of ours are for the policy, too', () => {
    const bench = benchTo(bob);
    const route = recordRoute(bench);
    bench.receive(inDialog(route, { uri: 'sip:bob@example.com;gr=urn:x' }));
    expect(bench.planned.at(-1)).toMatchObject({ vouched: true, route: [] });
    const further = '<sip:edge.example.net;lr>';
    bench.receive(inDialog([...route, further], { uri: 'sip:bob@example.com;gr=urn:x' }));
    expect(bench.planned.at(-1)).toMatchObject({ vouched: true, route: [further] });
    const { length } = bench.planned;
    bench.receive(inDialog([...route, further], { uri: 'sip:bob@example.com' }));
    expect(bench.planned).toHaveLength(length);
  });

  test('are repaired when a strict router bent them (RFC 3261 16.4)', () => {
    const bench = benchTo(bob);
    const [value = ''] = recordRoute(bench);
    const uri = value.slice(1, -1);
    bench.receive(inDialog(['<sip:next.example.net;lr>', `<${bobsContact}>`], { uri }));
    expect(bench.at(1).request.requestUriText).toBe(bobsContact);
    expect(bench.at(1).request.rawAll('Route')).toEqual(['<sip:next.example.net;lr>']);
    expect(bench.at(1).to).toBe('UDP next.example.net:5060');
    bench.receive(inDialog([`<${bobsContact}>`], { uri }));
    expect(bench.at(2).request.requestUriText).toBe(bobsContact);
    expect(bench.at(2).request.has('Route')).toBe(false);
  });

  test.each([
    ['a maddr and port of ours', 'sip:bob@elsewhere.example;maddr=192.0.2.1', 'sip:bob@elsewhere.example'],
    ['a maddr and another port', 'sip:bob@e.example:5070;maddr=192.0.2.1', 'sip:bob@e.example:5070;maddr=192.0.2.1'],
    ['a maddr that is not ours', 'sip:bob@e.example;maddr=192.0.2.77', 'sip:bob@e.example;maddr=192.0.2.77'],
  ])('%s', (_name, uri, seen) => {
    const uris: string[] = [];
    const bench = new ProxyBench({
      plan: (request) => {
        uris.push(request.requestUriText);
        return { kind: 'reject', status: 404 };
      },
    });
    bench.receive(requestText({ uri }));
    expect(uris).toEqual([seen]);
  });
});

describe('where the policy lets nothing go', () => {
  const forbidden = '198.51.100.2';
  const mayReach: ProxyPolicy['mayReach'] = ({ address }) => address !== forbidden;
  const both = [forbidden, '198.51.100.3'].map((address) => ({ protocol: 'UDP', address, port: 5060 }) as const);

  test('no request goes, and its sender is told so', () => {
    const bench = benchTo(bob, { mayReach });
    const transaction = bench.receive(requestText());
    expect(bench.sent).toEqual([]);
    expect(transaction.finals.at(-1)?.text).toMatch(/^SIP\/2\.0 403 Address Out Of Reach\r\n/);
  });

  test('the other addresses of a name are tried', () => {
    const bench = benchTo(bob, { mayReach, resolve: () => both });
    bench.receive(requestText());
    expect(bench.sent.map(({ flow }) => flow.remote.address)).toEqual(['198.51.100.3']);
  });

  test('what has a flow or a destination of its own is not looked up, and goes', () => {
    const bench = benchTo({ ...bob, flow: bobsFlow }, { mayReach });
    bench.receive(requestText());
    const other = benchTo({ ...bob, destination: { protocol: 'UDP', address: forbidden, port: 5060 } }, { mayReach });
    other.receive(requestText());
    expect([bench.sent.length, other.sent.length]).toEqual([1, 1]);
  });

  test('nor does what is within a dialog, an ACK included; and it is told whose it is', () => {
    const asked: (readonly [Flow, boolean])[] = [];
    let isForbidden = false;
    const bench = benchTo(bob, {
      mayReach: (_destination, { source, vouched }) => {
        asked.push([source, vouched]);
        return !isForbidden;
      },
    });
    const route = recordRoute(bench);
    isForbidden = true;
    const bye = bench.receive(inDialog(route));
    bench.proxy.ack(parsed(inDialog(route, { method: 'ACK' })), bobsFlow);
    expect([bench.sent.length, bench.acks.length, bye.finals.at(-1)?.status]).toEqual([1, 0, 403]);
    expect(asked).toEqual([
      [caller, false],
      [caller, true],
      [bobsFlow, true],
    ]);
    expect(bench.proxy.stats().counters.droppedAcks).toBe(1);
  });
});

describe('a call that a gateway takes part in', () => {
  /** Who is at the gateway, and what a request within the call was said to be: of a call with it or not, and what was looked up. */
  function asked(gateways: readonly Flow[], target: Target = bob, flow: Flow = caller): unknown[] {
    const told: unknown[] = [];
    const isGateway = ({ remote }: Flow): boolean => gateways.some((each) => each.remote.address === remote.address);
    const mayReach: ProxyPolicy['mayReach'] = (_destination, { method, uri, vouched, withGateway }) => {
      if (vouched) told.push([method, uri.host, withGateway]);
      return true;
    };
    const bench = benchTo(target, { isGateway, mayReach });
    const route = recordRoute(bench, flow);
    const elsewhere = { method: 'INVITE', uri: 'sip:x@203.0.113.77' };
    // To the caller: what goes to the callee may have a flow to take, which is not looked up.
    bench.receive(fromCallee(route, elsewhere), bobsFlow);
    bench.proxy.ack(parsed(fromCallee(route, { ...elsewhere, method: 'ACK' })), bobsFlow);
    const again = bench.sent.at(-1)?.request.rawAll('Record-Route') ?? [];
    const parts = { ...elsewhere, method: 'INFO' };
    bench.receive(inDialog(again, parts).replace('tag=alice', 'tag=b').replace('tag=bob', 'tag=alice'), bobsFlow);
    return told;
  }

  const told = (withGateway: boolean): unknown[] =>
    ['INVITE', 'ACK', 'INFO'].map((method) => [method, '203.0.113.77', withGateway]);

  test('is known by its Record-Route value, whichever side the gateway is on, and by that of its re-INVITE', () => {
    expect(asked([caller])).toEqual(told(true));
    expect(asked([bobsFlow])).toEqual(told(true));
    expect(asked([])).toEqual(told(false));
  });

  test('is known by a value with a flow, too', () => {
    const bound = { ...bob, flow: new FakeFlow('TCP', { address: '198.51.100.2', port: 5060 }) };
    expect(asked([bobsFlow], bound)).toEqual(told(true));
    expect(asked([], bound)).toEqual(told(false));
  });

  test('has marks that no other call has, and whoever takes away what says so has none', () => {
    const bench = benchTo(bob, { isGateway: () => true });
    const [value = ''] = recordRoute(bench);
    const [ours = ''] = recordRoute(benchTo(bob));
    expect(value).toMatch(/^<sip:[^@*]+\*g@/);
    expect(ours).not.toContain('*');
    for (const forged of [value.replace('*g', ''), ours.replace('@', '*g@')]) {
      bench.planned.length = 0;
      bench.receive(inDialog([forged]));
      expect(bench.planned.map(({ vouched }) => vouched)).toEqual([false]);
    }
  });
});

describe('ACK to a 2xx', () => {
  test('follows the route without a transaction', () => {
    const bench = benchTo(bob);
    const route = recordRoute(bench);
    bench.proxy.ack(bench.receive(inDialog(route, { method: 'ACK' })).request, caller);
    expect(bench.acks).toHaveLength(1);
    const [ack] = bench.acks;
    expect(ack?.flow.remote.address).toBe('198.51.100.2');
    expect(ack?.request.has('Route')).toBe(false);
    expect(ack?.request.raw('Max-Forwards')).toBe('69');
    expect(ack?.request.has('Record-Route')).toBe(false);
    // As every request that goes on (RFC 5393 5.3.3).
    expect(ack?.request.rawAll('Max-Breadth')).toEqual(['60']);
    bench.proxy.ack(parsed(inDialog(route, { method: 'ACK', headers: ['Max-Breadth: 7'] })), caller);
    expect(bench.acks[1]?.request.rawAll('Max-Breadth')).toEqual(['7']);
  });

  test('goes to the next destination when one cannot be reached, a large one over TCP first', () => {
    const bench = benchTo(bob);
    const route = recordRoute(bench);
    bench.proxy.ack(parsed(inDialog(route, { method: 'ACK', body: 'x'.repeat(1200) })), caller);
    bench.acks.at(-1)?.fail();
    expect(bench.acks.map(({ flow }) => flow.protocol)).toEqual(['TCP', 'UDP']);
    bench.acks.at(-1)?.fail();
    expect(bench.acks).toHaveLength(2);
  });

  test.each<[string, RequestParts, boolean, number]>([
    ['to an address of ours goes where the policy says', { uri: 'sip:bob@example.com;gr' }, true, 1],
    ['without hops is dropped', { maxForwards: 0 }, true, 0],
    ['that the policy does not know is dropped', { uri: 'sip:bob@example.com;gr' }, false, 0],
  ])('%s', (_name, parts, known, sent) => {
    let ring = true;
    const bench = new ProxyBench({
      plan: () => (ring ? { kind: 'ring', stages: [{ targets: [bob] }] } : { kind: 'reject', status: 404 }),
    });
    const route = recordRoute(bench);
    ring = known;
    const { request } = bench.receive(inDialog(route, { method: 'OPTIONS' }));
    expect(request.method).toBe('OPTIONS');
    const text = inDialog(route, { method: 'ACK', ...parts });
    bench.proxy.ack(new ProxyBench().receive(text).request, caller);
    expect(bench.acks).toHaveLength(sent);
    expect(bench.proxy.stats().counters.droppedAcks).toBe(1 - sent);
  });
});

describe('loops and spirals (RFC 5393 4.2)', () => {
  /** What comes back when the first request that was sent returns to the proxy, with these changes. */
  function returned(bench: ProxyBench, change: (text: string) => string): number[] {
    const text = bench.at(0).request.text.replace(bobsContact, 'sip:bob@example.com');
    return bench.receive(change(text)).statuses;
  }

  test('the same request again is a loop', () => {
    const bench = benchTo(bob);
    bench.receive(requestText());
    expect(returned(bench, (text) => text)).toEqual([482]);
    expect(bench.proxy.stats().counters.loops).toBe(1);
  });

  test('so it is without the credentials that were taken out of it', () => {
    const bench = benchWith(ring([['sip:bob@192.0.2.200']], { removeHeaders: ['Proxy-Authorization'] }));
    bench.receive(requestText({ headers: ['Proxy-Authorization: Digest x=y'] }));
    const text = bench.at(0).request.text.replace('INVITE sip:bob@192.0.2.200', 'INVITE sip:bob@example.com');
    expect(text).not.toContain('Proxy-Authorization');
    expect(bench.receive(text).statuses).toEqual([482]);
  });

  test.each<[string, (text: string) => string]>([
    ['another Request-URI', (text) => text.replace('INVITE sip:bob@', 'INVITE sip:carol@')],
    ['a Route', (text) => text.replace('From:', 'Route: <sip:a.example.net;lr>\r\nFrom:')],
    ['another CSeq', (text) => text.replace('CSeq: 1', 'CSeq: 2')],
    [
      'somebody else’s Via with the hash',
      (text) => text.replace('Via: SIP/2.0/UDP 192.0.2.1:5060', 'Via: SIP/2.0/UDP 192.0.2.9'),
    ],
  ])('with %s it is a spiral and passes', (_name, change) => {
    const bench = benchTo(bob);
    bench.receive(requestText());
    expect(returned(bench, change)).toEqual([100]);
    expect(bench.sent).toHaveLength(2);
  });

  test('the method is no part of it: a CANCEL has the branch of its INVITE', () => {
    const bench = benchTo(bob);
    bench.receive(requestText());
    bench.receive(requestText({ method: 'MESSAGE' }));
    const [first, second] = bench.sent.map(({ branch }) => branch.split('.')[1]);
    expect(first).toBe(second);
  });

  test('what else steers the policy can be made a part of it', () => {
    let place = 'here';
    const bench = benchTo(bob, { loopKey: () => place });
    bench.receive(requestText());
    place = 'there';
    expect(returned(bench, (text) => text)).toEqual([100]);
  });

  test('the same request over two ways is no error: merging is the user agent’s matter', () => {
    const bench = benchTo(bob);
    bench.receive(requestText({ via: ['SIP/2.0/UDP a.example.net;branch=z9hG4bK1'] }));
    bench.receive(requestText({ via: ['SIP/2.0/UDP b.example.net;branch=z9hG4bK2'] }));
    expect(bench.sent).toHaveLength(2);
  });
});

describe('Path (RFC 3327, RFC 5626 5)', () => {
  const phone = new FakeFlow('TLS', { address: '203.0.113.9', port: 4712 });
  const registrar: Target = { uri: sip('sip:registrar.example.net') };

  test('leads a request back over the flow of the registration', () => {
    const bench = benchTo(registrar, {}, { path: true });
    bench.receive(requestText({ method: 'REGISTER', uri: 'sip:example.com' }), phone);
    const path = bench.at(0).request.raw('Path') ?? '';
    expect(path).toMatch(/^<sip:c![^@]+@192\.0\.2\.1:5061;transport=tls;lr;ob>$/);
    const invite = bench.receive(requestText({ uri: 'sip:alice@10.0.0.1', headers: [`Route: ${path}`] }), bobsFlow);
    expect(bench.at(1).flow).toBe(phone);
    expect(bench.at(1).request.rawAll('Record-Route')[0]).toContain('*bc!');
    expect(bench.planned).toHaveLength(1);
    phone.close('closed');
    bench.at(1).answer(486);
    expect(invite.statuses).toEqual([100, 486]);
  });

  test('names no flow behind another proxy', () => {
    const bench = benchTo(registrar, {}, { path: true });
    const via = ['SIP/2.0/UDP edge.example.net;branch=z9hG4bK1', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2'];
    bench.receive(requestText({ method: 'REGISTER', via }));
    expect(bench.at(0).request.raw('Path')).toBe('<sip:192.0.2.1:5060;lr>');
  });
});

describe('validation (RFC 3261 16.3) and limits', () => {
  test.each<[string, RequestParts, number, string | undefined, string | undefined]>([
    ['no hops left', { maxForwards: 0 }, 483, undefined, undefined],
    ['OPTIONS to another with no hops left', { method: 'OPTIONS', maxForwards: 0 }, 483, undefined, undefined],
    [
      'OPTIONS to the proxy itself with no hops left',
      { method: 'OPTIONS', uri: 'sip:example.com', maxForwards: 0 },
      404,
      undefined,
      undefined,
    ],
    ['unknown scheme', { uri: 'nobodyKnowsThisScheme:totallyopaquecontent' }, 416, undefined, undefined],
    [
      'Proxy-Require',
      { headers: ['Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis, known'] },
      420,
      'Unsupported',
      'noProxiesSupportThis, norDoAnyProxiesSupportThis',
    ],
    ['Request-URI out of order', { uri: 'sip:bob@example.com?Subject=x' }, 400, undefined, undefined],
  ])('%s', (_name, parts, status, header, value) => {
    const bench = new ProxyBench({ extensions: ['Known'] });
    const call = bench.receive(requestText(parts));
    expect(call.statuses).toEqual([status]);
    if (header !== undefined) expect(call.finals[0]?.raw(header)).toBe(value);
    expect(bench.proxy.stats().requests).toBe(0);
  });

  test('CX-09 a plan to forward what has no hops left is a 483', () => {
    const bench = benchTo(bob);
    expect(bench.receive(requestText({ method: 'OPTIONS', uri: 'sip:example.com', maxForwards: 0 })).statuses).toEqual([
      483,
    ]);
  });

  test('no more requests at a time than the limit', () => {
    const bench = benchTo(bob, { maximumContexts: 1, retryAfter: 7 }, alices);
    bench.receive(requestText());
    const refused = bench.receive(requestText({ callId: 'call-2' }));
    expect(refused.statuses).toEqual([503]);
    expect(refused.finals[0]?.raw('Retry-After')).toBe('7');
    bench.at(0).answer(486);
    bench.receive(requestText({ callId: 'call-3' }));
    expect(bench.sent).toHaveLength(2);
  });

  test('a quarter more within dialogs', () => {
    const bench = benchTo(bob, { maximumContexts: 4 }, alices);
    for (let index = 0; index < 4; index += 1) bench.receive(requestText({ callId: `call-${String(index)}` }));
    expect(bench.receive(requestText({ callId: 'call-4' })).statuses).toEqual([503]);
    expect(bench.receive(inDialog([])).statuses).toEqual([]);
    expect(bench.receive(inDialog([])).statuses).toEqual([503]);
  });

  test('a quarter more for emergencies', () => {
    const isEmergency: ProxyPolicy['isEmergency'] = ({ requestUriText }) => requestUriText === 'sip:112@example.com';
    const bench = benchTo(bob, { maximumContexts: 4, isEmergency }, alices);
    for (let index = 0; index < 4; index += 1) bench.receive(requestText({ callId: `call-${String(index)}` }));
    expect(bench.receive(requestText({ callId: 'call-4' })).statuses).toEqual([503]);
    expect(bench.receive(requestText({ callId: 'call-5', uri: 'sip:112@example.com' })).statuses).toEqual([100]);
    expect(bench.receive(requestText({ callId: 'call-6', uri: 'sip:112@example.com' })).statuses).toEqual([503]);
  });

  test('a draining proxy begins nothing and finishes what stands', () => {
    const bench = benchTo(bob);
    const route = recordRoute(bench);
    bench.proxy.drain();
    expect(bench.receive(requestText({ callId: 'call-2' })).statuses).toEqual([503]);
    expect(bench.receive(requestText({ method: 'REGISTER', callId: 'call-3' })).finals).toHaveLength(0);
    const reinvite = bench.receive(inDialog(route, { method: 'INVITE' }));
    bench.at(2).answer(200);
    expect(reinvite.statuses).toEqual([100, 200]);
    // Who takes over a call that stands begins none (RFC 3891).
    const headers = ['Replaces: x;to-tag=1;from-tag=2'];
    expect(bench.receive(requestText({ callId: 'call-4', headers })).statuses).toEqual([100]);
    expect(bench.proxy.stats().counters.refusedWhileDraining).toBe(1);
  });

  test('a draining proxy plans emergencies, and they alone may have a scheme that nobody looks into (RFC 5031)', () => {
    const urn = 'urn:service:sos';
    const bench = benchTo(bob, { isEmergency: ({ requestUriText }) => requestUriText === urn });
    expect(bench.receive(requestText({ uri: 'urn:service:counseling' })).statuses).toEqual([416]);
    bench.proxy.drain();
    expect(bench.receive(requestText({ callId: 'call-2' })).statuses).toEqual([503]);
    const call = bench.receive(requestText({ uri: urn, callId: 'call-3' }));
    bench.at(0).answer(200);
    expect(call.statuses).toEqual([100, 200]);
  });
});
