import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NodeDnsClient } from './dns-client.ts';
import { TestDnsServer } from './dns-server.testing.ts';
import { manualContext } from './manual-clock.testing.ts';
import { DnsResolver } from './resolver.ts';
import { inWords, naptr, sipUri, srv } from './resolver.testing.ts';

const server = new TestDnsServer(
  {
    'example.com': [
      { type: 'NAPTR', ttl: 60, ...naptr(10, 1, 'SIP+D2T', '_sip._tcp.example.com') },
      { type: 'NAPTR', ttl: 60, ...naptr(20, 1, 'SIP+D2U', '_sip._udp.example.com') },
    ],
    '_sip._tcp.example.com': [
      { type: 'SRV', ttl: 60, ...srv(20, 0, 5062, 'server2.example.com') },
      { type: 'SRV', ttl: 60, ...srv(10, 0, 5060, 'server1.example.com') },
    ],
    'server1.example.com': [
      { type: 'A', ttl: 17, address: '192.0.2.1' },
      { type: 'A', ttl: 99, address: '192.0.2.3' },
      { type: 'AAAA', ttl: 60, groups: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1] },
    ],
    'server2.example.com': [{ type: 'CNAME', ttl: 60, target: 'server3.example.com' }],
    'server3.example.com': [{ type: 'A', ttl: 60, address: '192.0.2.2' }],
  },
  ['broken.example.com'],
);
let client: NodeDnsClient;

beforeAll(async () => {
  client = new NodeDnsClient({ servers: [await server.start()], timeout: 500, tries: 2 });
});

afterAll(() => server.stop());

describe('against a name server on the wire', () => {
  test('NAPTR, SRV, CNAME, A and AAAA make the list of destinations', async () => {
    const resolver = new DnsResolver(manualContext(), client);
    const found = await resolver.resolve(sipUri('sip:bob@example.com'));
    if ('code' in found) throw new Error(found.message);
    expect(inWords(found).sort()).toEqual([
      'TCP 192.0.2.1:5060',
      'TCP 192.0.2.2:5062',
      'TCP 192.0.2.3:5060',
      'TCP [2001:db8::1]:5060',
    ]);
    expect(found.at(-1)?.port).toBe(5062);
  });

  test('the shortest time to live of an answer counts', async () => {
    expect((await client.a('server1.example.com')).timeToLive).toBe(17);
  });

  test('no such name and no such record are answers', async () => {
    expect(await client.a('nobody.example.com')).toEqual({ records: [] });
    expect(await client.srv('server1.example.com')).toEqual({ records: [] });
  });

  test('a server that fails is a failure', async () => {
    await expect(client.naptr('broken.example.com')).rejects.toThrow();
  });
});

describe('names that are not for a name server', () => {
  const unreachable = new NodeDnsClient({ servers: ['127.0.0.1:1'], timeout: 100, tries: 1 });

  test('localhost comes from the machine itself', async () => {
    expect((await unreachable.a('localhost')).records).toContain('127.0.0.1');
    expect(await unreachable.naptr('localhost')).toEqual({ records: [] });
    expect(await unreachable.srv('_sip._udp.localhost')).toEqual({ records: [] });
  });

  test('.invalid exists nowhere', async () => {
    expect(await unreachable.a('df7jal23ls0d.invalid')).toEqual({ records: [] });
    expect(await unreachable.naptr('df7jal23ls0d.invalid')).toEqual({ records: [] });
  });

  test('strangers cannot take all the threads with names that the machine has to look up', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => unreachable.a('localhost')));
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  });
});
