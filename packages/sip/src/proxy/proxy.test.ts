import { describe, expect, test } from 'vitest';
import { NameAddr } from '../message/name-addr.ts';
import type { CallPlan, Target } from './call-plan.ts';
import { benchWith, ProxyBench, requestText, ring, sip } from './proxy.testing.ts';

const bob = 'sip:bob@198.51.100.2';

describe('what is forwarded (RFC 3261 16.6)', () => {
  test('CX-09 gets the new Request-URI, a hop less, a Record-Route, a Max-Breadth, and is else as it came', () => {
    const proxy = benchWith(ring([[bob]]));
    const body = 'v=0\r\n\xff\x00binary';
    proxy.receive(requestText({ headers: ['X-Odd :  kept,as  it\r\n\tcame', 'Date: not a date'], body }));
    const { request } = proxy.at(0);
    expect(request.requestUriText).toBe(bob);
    expect(request.raw('Max-Forwards')).toBe('69');
    expect(request.raw('Max-Breadth')).toBe('60');
    expect(request.raw('Record-Route')).toMatch(/^<sip:[^@>]+@192\.0\.2\.1:5060;lr>$/);
    expect(request.text).toContain('X-Odd :  kept,as  it\r\n\tcame\r\nDate: not a date\r\n');
    expect(request.body).toBe(body);
    expect(request.rawAll('Via')).toHaveLength(2);
  });

  test('counts 70 hops for a request that does not', () => {
    const proxy = benchWith(ring([[bob]]));
    proxy.receive(requestText({ maxForwards: undefined }));
    expect(proxy.at(0).request.raw('Max-Forwards')).toBe('70');
  });

  test('loses what may not stand in a Request-URI', () => {
    const proxy = benchWith(ring([[`${bob};method=INVITE;x=1?Subject=a`]]));
    proxy.receive(requestText());
    expect(proxy.at(0).request.requestUriText).toBe(`${bob};x=1`);
  });

  test.each([
    ['INVITE', true],
    ['SUBSCRIBE', true],
    ['REFER', true],
    ['UNHEARDOF', true],
    ['MESSAGE', false],
    ['OPTIONS', false],
    ['REGISTER', false],
  ])('is record-routed for %s: %s', (method, expected) => {
    const proxy = benchWith(ring([[bob]]));
    proxy.receive(requestText({ method }));
    expect(proxy.at(0).request.has('Record-Route')).toBe(expected);
  });

  test('takes the header fields of plan and target on top, and loses those that the plan removes', () => {
    const target: Target = { uri: sip(bob), headers: [['P-Asserted-Identity', '<sip:target@example.com>']] };
    const headers = [['P-Asserted-Identity', '<sip:plan@example.com>']] as const;
    const proxy = benchWith({
      kind: 'ring',
      stages: [{ targets: [target] }],
      headers,
      removeHeaders: ['P-Asserted-Identity', 'Proxy-Authorization'],
    });
    proxy.receive(requestText({ headers: ['P-Asserted-Identity: <sip:liar@x>', 'Proxy-Authorization: Digest x=y'] }));
    const { request } = proxy.at(0);
    expect(request.rawAll('P-Asserted-Identity')).toEqual(['<sip:target@example.com>', '<sip:plan@example.com>']);
    expect(request.has('Proxy-Authorization')).toBe(false);
  });

  test('gets a Content-Length on a stream', () => {
    const proxy = benchWith(ring([['sip:bob@198.51.100.2;transport=tcp']]));
    proxy.receive(requestText().replace('Content-Length: 0\r\n', ''));
    expect(proxy.at(0).request.raw('Content-Length')).toBe('0');
  });

  test('visits the Path of a binding first', () => {
    const edge = NameAddr.of({ uri: 'sip:edge.example.net;lr' });
    const proxy = benchWith({ kind: 'ring', stages: [{ targets: [{ uri: sip(bob), route: [edge] }] }] });
    proxy.receive(requestText());
    expect(proxy.at(0).to).toBe('UDP edge.example.net:5060');
    expect(proxy.at(0).request.requestUriText).toBe(bob);
    expect(proxy.at(0).request.rawAll('Route')).toEqual(['<sip:edge.example.net;lr>']);
  });

  test('is bent for a strict router', () => {
    const strict = NameAddr.of({ uri: 'sip:strict.example.net' });
    const proxy = benchWith({ kind: 'ring', stages: [{ targets: [{ uri: sip(bob), route: [strict] }] }] });
    proxy.receive(requestText());
    expect(proxy.at(0).request.requestUriText).toBe('sip:strict.example.net');
    expect(proxy.at(0).request.rawAll('Route')).toEqual([`<${bob}>`]);
    expect(proxy.at(0).to).toBe('UDP strict.example.net:5060');
  });
});

describe('plans that end the request', () => {
  test.each<[string, CallPlan, number, string, string | undefined]>([
    [
      'reject',
      { kind: 'reject', status: 403, reason: 'No', headers: [['Warning', '399 x "y"']] },
      403,
      'Warning',
      '399 x "y"',
    ],
    ['redirect', { kind: 'redirect', contacts: [NameAddr.of({ uri: bob })] }, 302, 'Contact', `<${bob}>`],
    ['respond', { kind: 'respond', status: 200, headers: [['Allow', 'INVITE']] }, 200, 'Allow', 'INVITE'],
    ['ring nobody', { kind: 'ring', stages: [] }, 480, 'Contact', undefined],
  ])('%s', (_name, plan, status, header, value) => {
    const proxy = benchWith(plan);
    const call = proxy.receive(requestText());
    expect(call.finals.map((response) => response.status)).toEqual([status]);
    expect(call.finals[0]?.raw(header)).toBe(value);
    expect(call.finals[0]?.toTag).toBeDefined();
    expect(proxy.sent).toHaveLength(0);
    expect(proxy.proxy.stats().requests).toBe(0);
  });

  test('a local server takes the transaction, and hears of the CANCEL', () => {
    const events: string[] = [];
    const proxy = benchWith({
      kind: 'serve',
      server: { serve: ({ request }) => events.push(request.method), cancel: () => events.push('cancelled') },
    });
    const call = proxy.receive(requestText());
    proxy.proxy.cancel(call);
    expect(events).toEqual(['INVITE', 'cancelled']);
  });

  test('a policy that fails is a 500', async () => {
    const thrown = new ProxyBench({
      plan: () => {
        throw new Error('out of order');
      },
    });
    expect(thrown.receive(requestText()).statuses).toEqual([500]);
    const rejected = new ProxyBench({ plan: () => Promise.reject(new Error('out of order')) });
    const call = rejected.receive(requestText());
    await Promise.resolve();
    await Promise.resolve();
    expect(call.statuses).toEqual([100, 500]);
    expect(rejected.proxy.stats().requests).toBe(0);
  });
});

describe('a plan that has to wait', () => {
  test('CX-09 lets 100 go at once, and a CANCEL end it before it comes', async () => {
    const promised = Promise.withResolvers<CallPlan>();
    const proxy = new ProxyBench({ plan: () => promised.promise });
    const call = proxy.receive(requestText({ headers: ['Timestamp: 54'] }));
    expect(call.statuses).toEqual([100]);
    expect(call.responses[0]?.raw('Timestamp')).toBe('54');
    expect(call.responses[0]?.toTag).toBeUndefined();
    proxy.proxy.cancel(call);
    expect(call.statuses).toEqual([100, 487]);
    promised.resolve(ring([[bob]]));
    await promised.promise;
    expect(proxy.sent).toHaveLength(0);
    expect(proxy.proxy.stats().requests).toBe(0);
  });

  test('is executed when it comes', async () => {
    const proxy = new ProxyBench({ plan: () => Promise.resolve(ring([[bob]])) });
    proxy.receive(requestText());
    await Promise.resolve();
    expect(proxy.at(0).request.requestUriText).toBe(bob);
  });
});
