import type { Destination, ResolutionError } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { manualContext } from './manual-clock.testing.ts';
import { DnsResolver } from './resolver.ts';
import type { DnsResolverOptions } from './resolver.ts';
import { inWords, naptr, sipUri, srv, TableDnsClient } from './resolver.testing.ts';
import type { Zone } from './resolver.testing.ts';

function resolverOver(zone: Zone, options: DnsResolverOptions = {}) {
  const context = manualContext();
  const dns = new TableDnsClient(zone);
  const resolver = new DnsResolver(context, dns, options);
  const resolve = async (uri: string): Promise<string[] | string> => {
    const found = await resolver.resolve(sipUri(uri));
    return 'code' in found ? found.code : inWords(found);
  };
  return { context, dns, resolver, resolve };
}

function destinationsOf(found: readonly Destination[] | ResolutionError): readonly Destination[] {
  if ('code' in found) throw new Error(found.message);
  return found;
}

describe('a numeric host needs no lookup (RFC 3263 4.1, 4.2)', () => {
  test.each([
    ['sip:192.0.2.1', 'UDP 192.0.2.1:5060'],
    ['sip:192.0.2.1:5070', 'UDP 192.0.2.1:5070'],
    ['sip:192.0.2.1;transport=TCP', 'TCP 192.0.2.1:5060'],
    ['sip:192.0.2.1;transport=tls', 'TLS 192.0.2.1:5061 (192.0.2.1)'],
    ['sip:192.0.2.1;transport=ws', 'WS 192.0.2.1:80'],
    ['sips:192.0.2.1', 'TLS 192.0.2.1:5061 (192.0.2.1)'],
    ['sips:192.0.2.1;transport=tcp', 'TLS 192.0.2.1:5061 (192.0.2.1)'],
    ['sips:192.0.2.1;transport=ws', 'WSS 192.0.2.1:443 (192.0.2.1)'],
    ['sip:[2001:db8::1]', 'UDP [2001:db8::1]:5060'],
    ['sip:[2001:db8::1]:5070;transport=tcp', 'TCP [2001:db8::1]:5070'],
    ['sip:example.com;maddr=192.0.2.9', 'UDP 192.0.2.9:5060'],
    ['sips:example.com;maddr=[2001:db8::9]', 'TLS [2001:db8::9]:5061 (example.com)'],
  ])('%s', (uri, destination) => {
    const { dns, resolver } = resolverOver({});
    const found = resolver.resolve(sipUri(uri));
    if (found instanceof Promise) throw new Error('it waits');
    expect(inWords(destinationsOf(found))).toEqual([destination]);
    expect(dns.asked).toEqual([]);
  });

  test.each(['sip:192.0.2.1;transport=sctp', 'sips:192.0.2.1;transport=udp'])('%s has no transport', async (uri) => {
    expect(await resolverOver({}).resolve(uri)).toBe('no-transport');
  });

  test('the best transport there is stands in where UDP or TLS is not spoken', async () => {
    expect(await resolverOver({}, { protocols: ['TCP', 'TLS'] }).resolve('sip:192.0.2.1')).toEqual([
      'TCP 192.0.2.1:5060',
    ]);
    expect(await resolverOver({}, { protocols: ['TCP'] }).resolve('sips:192.0.2.1')).toBe('no-transport');
    expect(await resolverOver({}, { protocols: ['TCP'] }).resolve('sip:192.0.2.1;transport=udp')).toBe('no-transport');
  });
});

/** The domain of the example in RFC 3263 4.1, with addresses. */
const exampleZone: Zone = {
  naptr: {
    'example.com': [
      naptr(100, 50, 'SIP+D2U', '_sip._udp.example.com'),
      naptr(50, 50, 'SIPS+D2T', '_sips._tcp.example.com'),
      naptr(90, 50, 'SIP+D2T', '_sip._tcp.example.com'),
    ],
  },
  srv: {
    '_sips._tcp.example.com': [srv(0, 1, 5061, 'server1.example.com')],
    '_sip._tcp.example.com': [srv(1, 0, 5060, 'server2.example.com.'), srv(0, 0, 5070, 'SERVER1.example.com')],
    '_sip._udp.example.com': [srv(0, 0, 5060, 'server1.example.com')],
  },
  a: { 'example.com': ['192.0.2.99'], 'server1.example.com': ['192.0.2.1'], 'server2.example.com': ['192.0.2.2'] },
  aaaa: { 'server1.example.com': ['2001:db8::1'] },
};

describe('a name with NAPTR records (RFC 3263 4.1)', () => {
  test('the record of the lowest order decides', async () => {
    expect(await resolverOver(exampleZone).resolve('sip:bob@example.com')).toEqual([
      'TLS 192.0.2.1:5061 (example.com)',
      'TLS [2001:db8::1]:5061 (example.com)',
    ]);
  });

  test('of those that are supported; SRV priorities and both address families follow', async () => {
    const { resolve } = resolverOver(exampleZone, { protocols: ['UDP', 'TCP'] });
    expect(await resolve('sip:bob@example.com')).toEqual([
      'TCP 192.0.2.1:5070',
      'TCP [2001:db8::1]:5070',
      'TCP 192.0.2.2:5060',
    ]);
  });

  test('the order of the address families is a setting', async () => {
    expect(await resolverOver(exampleZone, { families: [6, 4] }).resolve('sip:example.com')).toEqual([
      'TLS [2001:db8::1]:5061 (example.com)',
      'TLS 192.0.2.1:5061 (example.com)',
    ]);
    expect(await resolverOver(exampleZone, { families: [4] }).resolve('sip:example.com')).toHaveLength(1);
  });

  test('records of one order are all used, by preference', async () => {
    const records = [
      naptr(10, 20, 'SIP+D2U', '_sip._udp.example.com'),
      naptr(10, 10, 'sip+d2t', '_sip._tcp.example.com'),
    ];
    const { resolve } = resolverOver({ ...exampleZone, naptr: { 'example.com': records } }, { families: [4] });
    expect(await resolve('sip:example.com')).toEqual([
      'TCP 192.0.2.1:5070',
      'TCP 192.0.2.2:5060',
      'UDP 192.0.2.1:5060',
    ]);
  });

  test('a SIPS URI uses no record without SIPS', async () => {
    const naptrOnly = { 'example.com': [naptr(1, 1, 'SIP+D2T', '_sip._tcp.example.com')] };
    expect(await resolverOver({ ...exampleZone, naptr: naptrOnly }).resolve('sips:example.com')).toBe('no-transport');
    expect(await resolverOver(exampleZone).resolve('sips:example.com')).toContain('TLS 192.0.2.1:5061 (example.com)');
  });

  test('WebSocket services (RFC 7118 5.5)', async () => {
    const zone: Zone = {
      ...exampleZone,
      naptr: {
        'example.com': [
          naptr(1, 1, 'SIPS+D2W', '_sips._ws.example.com'),
          naptr(2, 1, 'SIP+D2W', '_sip._ws.example.com'),
        ],
      },
      srv: {
        '_sips._ws.example.com': [srv(0, 0, 443, 'server2.example.com')],
        '_sip._ws.example.com': [srv(0, 0, 80, 'server2.example.com')],
      },
    };
    expect(await resolverOver(zone).resolve('sip:example.com')).toEqual(['WSS 192.0.2.2:443 (example.com)']);
    expect(await resolverOver(zone, { protocols: ['WS'] }).resolve('sip:example.com')).toEqual(['WS 192.0.2.2:80']);
  });

  test.each([
    ['another flag', { ...naptr(1, 1, 'SIP+D2T', '_sip._tcp.example.com'), flags: 'u' }],
    ['a regular expression', { ...naptr(1, 1, 'SIP+D2T', '_sip._tcp.example.com'), regexp: '!^.*$!x!' }],
    ['a replacement that is no name', naptr(1, 1, 'SIP+D2T', 'not a name')],
  ])('a record with %s does not count', async (_, record) => {
    const records = [record, naptr(2, 1, 'SIP+D2U', '_sip._udp.example.com')];
    const { resolve } = resolverOver({ ...exampleZone, naptr: { 'example.com': records } }, { families: [4] });
    expect(await resolve('sip:example.com')).toEqual(['UDP 192.0.2.1:5060']);
  });

  test('records of other services count as none', async () => {
    const other = { 'example.com': [{ ...naptr(1, 1, 'E2U+email', ''), flags: 'u', regexp: '!.*!mailto:a@b!' }] };
    const { resolve } = resolverOver({ ...exampleZone, naptr: other }, { families: [4] });
    expect(await resolve('sip:example.com')).toEqual([
      'UDP 192.0.2.1:5060',
      'TCP 192.0.2.1:5070',
      'TCP 192.0.2.2:5060',
    ]);
  });

  test('the domain itself is tried when the replacement has no SRV records', async () => {
    const { resolve } = resolverOver({ ...exampleZone, srv: {} });
    expect(await resolve('sip:example.com')).toEqual(['TLS 192.0.2.99:5061 (example.com)']);
  });
});

describe('a name without NAPTR records', () => {
  const zone: Zone = { ...exampleZone, naptr: {} };

  test('SRV is asked for each transport, in our order', async () => {
    const { dns, resolve } = resolverOver(zone, { families: [4], protocols: ['TCP', 'UDP', 'TLS'] });
    expect(await resolve('sip:example.com')).toEqual([
      'TCP 192.0.2.1:5070',
      'TCP 192.0.2.2:5060',
      'UDP 192.0.2.1:5060',
    ]);
    expect(dns.asked).not.toContain('SRV _sips._tcp.example.com');
  });

  test('sips asks for secure transports only', async () => {
    const { dns, resolve } = resolverOver(zone, { families: [4] });
    expect(await resolve('sips:example.com')).toEqual(['TLS 192.0.2.1:5061 (example.com)']);
    expect(dns.asked).not.toContain('SRV _sip._tcp.example.com');
  });

  test.each([
    ['sip:example.com', 'UDP 192.0.2.99:5060'],
    ['sips:example.com', 'TLS 192.0.2.99:5061 (example.com)'],
    ['sip:example.com;transport=tcp', 'TCP 192.0.2.99:5060'],
  ])('without SRV records either, %s is its address', async (uri, destination) => {
    expect(await resolverOver({ a: { 'example.com': ['192.0.2.99'] } }).resolve(uri)).toEqual([destination]);
  });

  test('a transport parameter asks SRV for that transport alone', async () => {
    const { dns, resolve } = resolverOver(exampleZone, { families: [4] });
    expect(await resolve('sip:example.com;transport=udp')).toEqual(['UDP 192.0.2.1:5060']);
    expect(dns.asked).toEqual(['SRV _sip._udp.example.com', 'A server1.example.com']);
  });

  test('a port asks for addresses alone', async () => {
    const { dns, resolve } = resolverOver(exampleZone);
    expect(await resolve('sip:example.com:5060')).toEqual(['UDP 192.0.2.99:5060']);
    expect(dns.asked).toEqual(['A example.com', 'AAAA example.com']);
  });

  test('maddr is looked up in place of the host, whose name the certificate still has to prove', async () => {
    const { resolve } = resolverOver(exampleZone, { families: [4] });
    expect(await resolve('sips:other.example;maddr=example.com')).toEqual(['TLS 192.0.2.1:5061 (other.example)']);
  });

  test('a target of "." says that there is no such service (RFC 2782)', async () => {
    const refusing = { ...zone, srv: { '_sip._udp.example.com': [srv(0, 0, 0, '.')] } };
    expect(await resolverOver(refusing).resolve('sip:example.com')).toBe('no-records');
    const onlyTcp = { ...zone, srv: { ...zone.srv, '_sip._udp.example.com': [srv(0, 0, 0, '')] } };
    expect(await resolverOver(onlyTcp, { families: [4] }).resolve('sip:example.com')).toEqual([
      'TCP 192.0.2.1:5070',
      'TCP 192.0.2.2:5060',
    ]);
  });
});

describe('when DNS does not answer', () => {
  test('a failing NAPTR query counts as no records', async () => {
    const { resolve } = resolverOver(
      { ...exampleZone, broken: ['NAPTR example.com'] },
      { families: [4], protocols: ['UDP'] },
    );
    expect(await resolve('sip:example.com')).toEqual(['UDP 192.0.2.1:5060']);
  });

  test('a failing SRV query does not make the web server of the domain a SIP server', async () => {
    const { resolver } = resolverOver({ ...exampleZone, broken: ['SRV _sip._udp.example.com'] });
    expect(await resolver.resolve(sipUri('sip:example.com;transport=udp'))).toMatchObject({
      code: 'dns-failure',
      temporary: true,
    });
  });

  test('one family is enough', async () => {
    const { resolve } = resolverOver({ ...exampleZone, broken: ['AAAA example.com'] });
    expect(await resolve('sip:example.com:5060')).toEqual(['UDP 192.0.2.99:5060']);
  });

  test('no address because of a failure is not the same as no address', async () => {
    const { resolver } = resolverOver({ broken: ['AAAA example.com'] });
    expect(await resolver.resolve(sipUri('sip:example.com:5060'))).toMatchObject({
      code: 'dns-failure',
      temporary: true,
    });
    expect(await resolver.resolve(sipUri('sip:nobody.example:5060'))).toMatchObject({
      code: 'no-records',
      temporary: false,
    });
  });

  test('the lookups of one URI end after the time for them, and stop() ends them at once', async () => {
    const { context, dns, resolver } = resolverOver({}, { timeout: 3_000 });
    dns.naptr = () => new Promise(() => undefined);
    const first = resolver.resolve(sipUri('sip:silent.example'));
    context.clock.advance(2_999);
    expect(resolver.stats()).toMatchObject({ lookups: 1, queries: 1 });
    context.clock.advance(1);
    expect(await first).toMatchObject({ code: 'dns-failure', temporary: true });

    const second = resolver.resolve(sipUri('sip:silent.example'));
    resolver.markFailed({ protocol: 'UDP', address: '192.0.2.1', port: 5060 });
    resolver.stop();
    expect(await second).toMatchObject({ code: 'dns-failure' });
    expect(dns.cancelled).toBe(true);
    expect(resolver.stats()).toEqual({ names: 0, queries: 0, lookups: 0, failedDestinations: 0 });
    expect(context.clock.pending).toBe(0);
  });
});

describe('hostile DNS', () => {
  test('a domain with hundreds of servers costs a bounded number of queries', async () => {
    const many = Array.from({ length: 300 }, (_, index) => srv(0, index, 5060, `s${index}.example.com`));
    const zone: Zone = { srv: { '_sip._udp.example.com': many, '_sip._tcp.example.com': many } };
    const { dns, resolve } = resolverOver(zone, { maximumServers: 8 });
    expect(await resolve('sip:example.com')).toBe('no-records');
    expect(dns.asked.filter((question) => question.startsWith('A '))).toHaveLength(8);
  });

  test('targets that are no names are not asked for', async () => {
    const { dns, resolve } = resolverOver({ srv: { '_sip._udp.example.com': [srv(0, 0, 5060, 'a b\0c')] } });
    expect(await resolve('sip:example.com;transport=udp')).toBe('no-records');
    expect(dns.asked).toEqual(['SRV _sip._udp.example.com']);
  });

  test('answers that keep running out end the lookup', async () => {
    const { resolve, dns } = resolverOver(exampleZone, { cache: { minimumTimeToLive: 0, defaultTimeToLive: 0 } });
    expect(await resolve('sip:example.com')).toBe('dns-failure');
    expect(dns.asked.length).toBeLessThan(10);
  });
});

describe('failover (RFC 3263 4.3)', () => {
  const zone: Zone = { a: { 'example.com': ['192.0.2.1', '192.0.2.2', '192.0.2.3'] } };
  const udp = (address: string): Destination => ({ protocol: 'UDP', address, port: 5060 });

  test('a destination that failed stands last until its time is over', async () => {
    const { context, resolver, resolve } = resolverOver(zone, { failureTime: 10_000 });
    resolver.markFailed(udp('192.0.2.1'));
    resolver.markFailed(udp('192.0.2.2'), 20_000);
    const addresses = async () =>
      destinationsOf(await resolver.resolve(sipUri('sip:example.com:5060'))).map((d) => d.address);
    expect(await addresses()).toEqual(['192.0.2.3', '192.0.2.1', '192.0.2.2']);
    context.clock.advance(10_000);
    expect(await addresses()).toEqual(['192.0.2.1', '192.0.2.3', '192.0.2.2']);
    context.clock.advance(10_000);
    expect(await addresses()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
    expect(await resolve('sip:example.com:5080')).toHaveLength(3);
  });

  test('other ports and transports of the same address are untouched, and a last resort is kept', async () => {
    const { resolver, resolve } = resolverOver(zone);
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) resolver.markFailed(udp(address));
    expect(await resolve('sip:example.com:5060')).toHaveLength(3);
    resolver.markFailed({ protocol: 'TCP', address: '192.0.2.1', port: 5080 });
    expect(await resolve('sip:example.com:5080')).toContain('UDP 192.0.2.1:5080');
  });

  test('what failed is remembered within bounds', () => {
    const { resolver } = resolverOver({});
    for (let port = 1; port <= 3_000; port += 1) resolver.markFailed({ protocol: 'UDP', address: '192.0.2.1', port });
    expect(resolver.stats().failedDestinations).toBe(1_000);
  });
});

test('what the cache knows is answered without a promise', async () => {
  const { dns, resolver, resolve } = resolverOver(exampleZone);
  const first = await resolve('sip:example.com');
  const asked = dns.asked.length;
  const second = resolver.resolve(sipUri('sip:example.com'));
  if (second instanceof Promise) throw new Error('it waits');
  expect(inWords(destinationsOf(second))).toEqual(first);
  expect(dns.asked).toHaveLength(asked);
});
