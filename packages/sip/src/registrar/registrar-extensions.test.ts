import { beforeEach, describe, expect, test } from 'vitest';

import type { HeaderInit } from '../message/header.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import type { SipResponse } from '../message/message.ts';
import type { GruuResolution } from './registrar.ts';
import { aliceRecord, RegistrarBench } from './registrar.testing.ts';

const plain = '<sip:alice@10.0.0.1>';
const instance = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const outbound: HeaderInit = ['Supported', 'path, outbound'];

let bench: RegistrarBench;

beforeEach(() => {
  bench = new RegistrarBench({
    flowTimer: 120,
    serviceRoute: () => ['<sip:192.0.2.9;lr>', '<sip:core.example.com;lr>'],
  });
});

describe('Path (RFC 3327)', () => {
  const path: HeaderInit = ['Path', '<sip:p2.example.com;lr>,<sip:p1.example.com;lr>'];

  test('is kept with the binding and echoed, for a phone that supports it', async () => {
    const response = bench.response({ contact: [plain], headers: [path, ['Supported', 'path']], vias: 3 });
    expect(response.rawAll('Path')).toEqual(['<sip:p2.example.com;lr>', '<sip:p1.example.com;lr>']);
    const [binding] = await bench.location.bindings(aliceRecord);
    expect(binding?.path).toEqual(['<sip:p2.example.com;lr>', '<sip:p1.example.com;lr>']);
    expect(binding?.flow).toBeUndefined();
    expect(binding?.received).toBeUndefined();
  });

  test('is refused for one that does not, unless told otherwise', () => {
    const response = bench.response({ contact: [plain], headers: [path], vias: 3 });
    expect(response.status).toBe(420);
    expect(response.raw('Unsupported')).toBe('path');
    const kind = new RegistrarBench({ acceptUnannouncedPath: true });
    expect(kind.status({ contact: [plain], headers: [path], vias: 3 })).toBe(200);
  });

  test('malformed or too long: 400', () => {
    const supported: HeaderInit = ['Supported', 'path'];
    expect(bench.status({ contact: [plain], headers: [['Path', 'nonsense <'], supported] })).toBe(400);
    const long: HeaderInit = ['Path', `<sip:${'p'.repeat(3_000)};lr>`];
    expect(bench.status({ contact: [plain], headers: [long, supported] })).toBe(400);
  });
});

test('Service-Route comes with every 200 (RFC 3608)', () => {
  expect(bench.response().rawAll('Service-Route')).toEqual(['<sip:192.0.2.9;lr>', '<sip:core.example.com;lr>']);
});

describe('outbound (RFC 5626)', () => {
  const flowOne = `${plain}${instance};reg-id=1`;

  test('is confirmed, with the time that a flow may be silent', () => {
    const response = bench.response({ contact: [flowOne], headers: [outbound] });
    expect(response.raw('Require')).toBe('outbound');
    expect(response.raw('Flow-Timer')).toBe('120');
    expect(response.rawAll('Contact')).toEqual([`${plain};expires=3600;reg-id=1${instance}`]);
  });

  test('a binding is to the instance and its flow, whatever the URI', () => {
    bench.register({ contact: [flowOne], headers: [outbound] });
    bench.register({ contact: [`<sip:alice@10.9.9.9>${instance};reg-id=1`], headers: [outbound], callId: 'rebooted' });
    bench.register({ contact: [`${plain}${instance};reg-id=2`], headers: [outbound] });
    expect(bench.contacts().map((contact) => contact.slice(0, 40))).toEqual([
      '<sip:alice@10.9.9.9>;expires=3600;reg-id',
      '<sip:alice@10.0.0.1>;expires=3600;reg-id',
    ]);
  });

  test('a phone on the machine of the registrar, which names that and the port that it would have, is reached over its flow', () => {
    const ours = `<sip:alice-unique@192.0.2.9:5060;transport=tls;ob>${instance}`;
    expect(bench.status({ contact: [`${ours};reg-id=1`], headers: [outbound] })).toBe(200);
    expect(bench.status({ contact: [ours], headers: [outbound], callId: 'by-uri' })).toBe(403);
    expect(bench.status({ contact: [`${ours};reg-id=1`], vias: 2, callId: 'no-flow' })).toBe(403);
  });

  test('a contact by URI is another binding than one by flow', () => {
    bench.register({ contact: [flowOne], headers: [outbound] });
    bench.register({ contact: [plain] });
    expect(bench.contacts()).toHaveLength(2);
  });

  test('is not confirmed to a phone that does not announce it, though the binding is the same', () => {
    const response = bench.response({ contact: [flowOne] });
    expect(response.has('Require')).toBe(false);
    expect(response.has('Flow-Timer')).toBe(false);
    expect(response.raw('Contact')).toContain('reg-id=1');
  });

  test('an instance with quotes comes back as it went in', () => {
    const odd = ';+sip.instance="<a\\";b=\\"c>"';
    expect(bench.response({ contact: [plain + odd] }).rawAll('Contact')).toEqual([`${plain};expires=3600${odd}`]);
  });

  test('one flow at a time; removals may come along', () => {
    expect(bench.status({ contact: [flowOne, '<sip:alice@10.0.0.2>'], headers: [outbound] })).toBe(400);
    expect(bench.status({ contact: [flowOne, `${plain}${instance};reg-id=2;expires=0`], headers: [outbound] })).toBe(
      200,
    );
  });

  test('a reg-id without an instance is ignored', () => {
    const response = bench.response({ contact: [`${plain};reg-id=1`], headers: [outbound] });
    expect(response.has('Require')).toBe(false);
    expect(response.rawAll('Contact')).toEqual([`${plain};expires=3600`]);
  });

  test.each([
    ['first hop without flows', ['<sip:edge.example.com;lr>'], 439],
    ['no Path at all', [], 439],
    ['first hop with flows', ['<sip:edge.example.com;lr;ob>'], 200],
    ['first hop with flows behind another proxy', ['<sip:core.example.com;lr>', '<sip:edge.example.com;lr;ob>'], 200],
  ])('%s', (_, path, status) => {
    const headers: HeaderInit[] = [outbound, ...path.map((value): HeaderInit => ['Path', value])];
    const response = bench.response({ contact: [flowOne], headers, vias: 2 });
    expect(response.status).toBe(status);
    expect(response.has('Flow-Timer')).toBe(false);
  });

  test('a reg-id is ignored when neither the first hop nor the phone knows flows', () => {
    const response = bench.response({ contact: [flowOne], vias: 2 });
    expect(response.has('Require')).toBe(false);
    expect(response.rawAll('Contact')).toEqual([`${plain};expires=3600${instance}`]);
  });
});

describe('a contact of sips: (RFC 5630 5.2)', () => {
  const secure = { uri: 'sips:example.com', contact: ['<sips:alice@10.0.0.1>'] };
  const path = (uri: string): HeaderInit[] => [
    ['Supported', 'path'],
    ['Path', `<sips:edge.example.com;lr>, <${uri};lr>`],
  ];

  test.each([
    ['nothing that is less', secure, 200],
    ['a Request-URI that is less', { ...secure, uri: 'sip:example.com' }, 400],
    ['another contact that is less', { ...secure, contact: [...secure.contact, '<sip:alice@10.0.0.2>'] }, 400],
    ['a Path that is less', { ...secure, headers: path('sip:inner.example.com') }, 400],
    ['a Path that is not', { ...secure, headers: path('sips:inner.example.com') }, 200],
    ['one removed that was less', { ...secure, contact: [...secure.contact, '<sip:alice@10.0.0.2>;expires=0'] }, 200],
    ['its own removal by less', { uri: 'sip:example.com', contact: ['<sips:alice@10.0.0.1>;expires=0'] }, 200],
  ])('with %s', (_what, parts, status) => {
    expect(bench.response(parts).status).toBe(status);
  });
});

describe('GRUU (RFC 5627)', () => {
  const gruu: HeaderInit = ['Supported', 'gruu'];

  function gruusOf(response: SipResponse): { readonly pub: SipUri; readonly temp: SipUri } {
    const contact = NameAddr.parse(response.rawAll('Contact').find((value) => value.includes('gruu')) ?? '');
    if (!(contact instanceof NameAddr)) throw new Error('no contact with GRUUs');
    const [pub, temp] = ['pub-gruu', 'temp-gruu'].map((name) => SipUri.parse(contact.parameters.get(name) ?? ''));
    if (!(pub instanceof SipUri) || !(temp instanceof SipUri)) throw new Error('no GRUUs');
    return { pub, temp };
  }

  async function contactsOf(uri: SipUri): Promise<readonly string[] | GruuResolution['kind'] | undefined> {
    const resolution = await bench.registrar.resolveGruu(uri);
    return resolution?.kind === 'bound' ? resolution.bindings.map(({ contact }) => contact) : resolution?.kind;
  }

  test('are given to a phone that knows them, of its instance', async () => {
    bench.register({ contact: ['<sip:alice@10.0.0.2>'] });
    const { pub, temp } = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    expect(pub.toString()).toBe('sip:alice@example.com;gr=urn:uuid:00000000-0000-1000-8000-000A95A0E128');
    expect(temp.toString()).toMatch(/^sip:tgruu\.[0-9a-f]{64}@example\.com;gr$/);
    expect(await contactsOf(pub)).toEqual(['sip:alice@10.0.0.1']);
    expect(await contactsOf(temp)).toEqual(['sip:alice@10.0.0.1']);
  });

  test('have the scheme of the contact (RFC 5630 5.1.1.4), and lead to it by either', async () => {
    const uri = 'sips:example.com';
    const contact = [`<sips:alice@10.0.0.1>${instance}`];
    const { pub, temp } = gruusOf(bench.response({ uri, contact, headers: [gruu] }));
    expect([pub.scheme, temp.scheme]).toEqual(['sips', 'sips']);
    for (const each of [pub, temp, pub.with({ scheme: 'sip' })]) {
      expect(await contactsOf(each)).toEqual(['sips:alice@10.0.0.1']);
    }
  });

  test('are not shown to one that does not', () => {
    expect(bench.response({ contact: [plain + instance] }).raw('Contact')).not.toContain('gruu=');
  });

  test('all temporary ones live on through refreshes, and are never the same', async () => {
    const all = [1, 2, 3].map(() => gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] })).temp);
    expect(new Set(all.map(String)).size).toBe(3);
    for (const temp of all) expect(await contactsOf(temp)).toEqual(['sip:alice@10.0.0.1']);
  });

  test('temporary ones end when the instance registers with another Call-ID; the public one stays', async () => {
    const before = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    const after = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu], callId: 'rebooted' }));
    expect(await contactsOf(before.temp)).toBe('unknown');
    expect(await contactsOf(after.temp)).toEqual(['sip:alice@10.0.0.1']);
    expect(after.pub.toString()).toBe(before.pub.toString());
  });

  test('end with the Call-ID even when the phone has forgotten what they are', async () => {
    const before = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    bench.register({ contact: [plain + instance], callId: 'rebooted' });
    expect(await contactsOf(before.temp)).toBe('unknown');
  });

  test('another flow of the instance shares them', async () => {
    const both: HeaderInit = ['Supported', 'gruu, outbound, path'];
    const { temp } = gruusOf(bench.response({ contact: [`${plain}${instance};reg-id=1`], headers: [both] }));
    bench.context.clock.advance(1);
    bench.register({ contact: [`<sip:alice@10.0.0.2>${instance};reg-id=2`], headers: [both], callId: 'second-flow' });
    expect(await contactsOf(temp)).toEqual(['sip:alice@10.0.0.2', 'sip:alice@10.0.0.1']);
  });

  test('without contacts the temporary one is unknown, the public one unbound', async () => {
    const { pub, temp } = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    bench.register({ contact: ['*'], headers: [['Expires', '0']] });
    expect(await contactsOf(temp)).toBe('unknown');
    expect(await contactsOf(pub)).toBe('unbound');
  });

  test.each([
    ['sip:alice@example.com', undefined],
    ['sip:nobody@example.com;gr=urn:uuid:1', 'unknown'],
    ['sip:alice@example.com;gr', 'unknown'],
    ['sip:alice@example.com;gr=urn:uuid:1', 'unbound'],
    [`sip:tgruu.${'0'.repeat(64)}@example.com;gr`, 'unknown'],
    ['sip:tgruu.zz@example.com;gr', 'unknown'],
  ])('%s is %s', async (text, expected) => {
    const uri = SipUri.parse(text);
    expect(uri instanceof SipUri && (await contactsOf(uri))).toBe(expected);
  });

  test('lead to the instance however its URN is written', async () => {
    const { pub } = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    const same = SipUri.parse(pub.toString().replace('000A95A0E128', '000a95a0e128'));
    if (!(same instanceof SipUri)) throw new Error('no URI');
    expect(same.equals(pub)).toBe(true);
    expect(await contactsOf(same)).toEqual(['sip:alice@10.0.0.1']);
  });

  test('cannot be registered as contacts of their own address of record: 403', () => {
    const { pub, temp } = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    bench = new RegistrarBench({ gruuKey: 'key', isOurs: () => false });
    const own = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    for (const uri of [pub, own.pub, own.temp]) expect(bench.status({ contact: [`<${String(uri)}>`] })).toBe(403);
    // One of another registrar is an address like any other.
    expect(bench.status({ contact: [`<${String(temp)}>`] })).toBe(200);
  });

  test('nor can the address of record under another name of its domain: 403', () => {
    bench = new RegistrarBench({
      isOurs: () => false,
      findAddressOfRecord: (uri) => `sip:${uri.user ?? ''}@example.com`,
    });
    expect(bench.status({ contact: ['<sip:alice@alias.example>'] })).toBe(403);
    expect(bench.status({ contact: ['<sip:bob@alias.example>'] })).toBe(200);
  });

  test('the temporary ones end with the last contact, as time passes', async () => {
    const { pub, temp } = gruusOf(bench.response({ contact: [`${plain + instance};expires=60`], headers: [gruu] }));
    bench.context.clock.advance(60_001);
    expect(await contactsOf(temp)).toBe('unknown');
    expect(await contactsOf(pub)).toBe('unbound');
  });

  test('one made under another key leads nowhere', async () => {
    const { temp } = gruusOf(bench.response({ contact: [plain + instance], headers: [gruu] }));
    bench = new RegistrarBench({ gruuKey: 'another' }, bench.location);
    expect(await contactsOf(temp)).toBe('unknown');
  });
});
