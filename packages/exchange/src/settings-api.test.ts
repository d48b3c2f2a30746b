import { Validator } from '@seriousme/openapi-schema-validator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAdminAccess } from './admin/token.ts';
import type { Configuration } from './config/configuration.ts';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';

let configuration: Configuration;
let exchange: Exchange;
let phones: ScriptedPhone[];

beforeEach(async () => {
  phones = [];
  const settings = { forward: { busy: 'carol' } };
  const subscribers = ['alice', 'bob', 'carol'].map((user) => ({
    user,
    password: `${user}-secret`,
    ...(user === 'bob' && { settings }),
  }));
  configuration = testConfiguration({ subscribers, servers: { announcement: {} } });
  ({ exchange } = await startExchange(configuration));
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
});

const administrator = (): string => `Bearer ${readAdminAccess(configuration.dataFolder)?.token ?? ''}`;
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function api(
  method: string,
  path: string,
  authorization: string | undefined = administrator(),
  body?: unknown,
): Promise<{ status: number; value: unknown }> {
  const response = await fetch(`${exchange.adminUrl}/api/${path}`, {
    method,
    headers: {
      ...(authorization !== '' && { Authorization: authorization }),
      ...(body !== undefined && {
        'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, value: await response.json() };
}

const bobs = 'subscribers/bob/settings';

async function registered(user: string): Promise<ScriptedPhone> {
  const phone = await ScriptedPhone.start(exchange, { user });
  phones.push(phone);
  expect((await phone.register()).status).toBe(200);
  return phone;
}

test('a change counts from the next call on, and what is taken back is as the configuration has it', async () => {
  const alice = await registered('alice');
  const bob = await registered('bob');
  const carol = await registered('carol');
  expect(await api('PATCH', bobs, undefined, { forward: { always: 'carol' } })).toEqual({
    status: 200,
    value: { forward: { always: 'carol', busy: 'carol' } },
  });
  const call = alice.invite('sip:bob@127.0.0.1');
  carol.answer(await carol.next(), 486);
  expect((await call.final).status).toBe(486);
  expect((await api('PATCH', bobs, undefined, { forward: { always: null } })).value).toEqual({
    forward: { busy: 'carol' },
  });
  expect((await api('PUT', bobs, undefined, { doNotDisturb: true })).status).toBe(200);
  const refused = await alice.invite('sip:bob@127.0.0.1').final;
  expect(refused.status).toBe(486);
  expect(refused.raw('Error-Info')).toBe('<sip:announcement@127.0.0.1;play=do-not-disturb>');
  expect(await api('DELETE', bobs)).toEqual({ status: 200, value: { forward: { busy: 'carol' } } });
  expect((await api('GET', 'subscribers/bob@127.0.0.1/settings')).value).toEqual({ forward: { busy: 'carol' } });
  const again = alice.invite('sip:bob@127.0.0.1');
  bob.answer(await bob.next(), 200);
  expect((await again.final).status).toBe(200);
});

test('what was set is there after a restart', async () => {
  await api('PUT', bobs, undefined, { doNotDisturb: true });
  await exchange.stop();
  ({ exchange } = await startExchange(configuration));
  expect((await api('GET', bobs)).value).toEqual({ doNotDisturb: true });
});

test('who is screened out is told where to hear why, and hears it', async () => {
  const alice = await registered('alice');
  await registered('bob');
  await api('PATCH', bobs, undefined, { screening: { incoming: { deny: ['alice'] } } });
  const refused = await alice.invite('sip:bob@127.0.0.1').final;
  expect([refused.status, refused.reason]).toEqual([403, 'Screening Failure (Terminating)']);
  expect(refused.raw('Error-Info')).toBe('<sip:announcement@127.0.0.1;play=screened-incoming>');
  await api('PATCH', 'subscribers/alice/settings', undefined, { screening: { outgoing: { deny: ['carol'] } } });
  const own = await alice.invite('sip:carol@127.0.0.1').final;
  expect([own.status, own.reason]).toEqual([403, 'Screening Failure (Originating)']);
  const metrics = await (await fetch(`${exchange.adminUrl}/metrics`)).text();
  expect(metrics).toContain('switchhook_services_total{event="screened incoming"} 1');
  expect(metrics).toContain('switchhook_services_total{event="screened outgoing"} 1');
});

describe('who may', () => {
  test.each([
    ['nobody in particular', '', 401],
    ['somebody with a wrong token', 'Bearer x', 401],
    ['the subscriber', basic('bob', 'bob-secret'), 200],
    ['the subscriber, by his whole address', basic('bob@127.0.0.1', 'bob-secret'), 200],
    ['the subscriber with a wrong password', basic('bob', 'guess'), 401],
    ['another subscriber', basic('alice', 'alice-secret'), 403],
    ['somebody unknown', basic('mallory', 'x'), 401],
    ['what is no credentials', 'Basic !!!', 401],
  ])('%s', async (_who, authorization, status) => {
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', {}],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      expect((await api(method, bobs, authorization, body)).status).toBe(status);
    }
  });

  test('others do not learn who is a subscriber, and guessers wait', async () => {
    expect((await api('GET', 'subscribers/nobody/settings', basic('alice', 'alice-secret'))).status).toBe(403);
    expect((await api('GET', 'subscribers/nobody/settings')).status).toBe(404);
    for (let attempt = 0; attempt < 6; attempt += 1) await api('GET', bobs, basic('bob', 'guess'));
    expect((await api('GET', bobs, basic('bob', 'bob-secret'))).status).toBe(429);
    const blocked = await fetch(`${exchange.adminUrl}/api/${bobs}`, { headers: { Authorization: basic('bob', 'x') } });
    expect(Number(blocked.headers.get('Retry-After'))).toBeLessThanOrEqual(2);
    expect((await api('GET', bobs)).status).toBe(200);
  });
});

test('what makes no sense is refused with its reasons, and changes nothing', async () => {
  expect(await api('PUT', bobs, undefined, { forward: { always: 'bob', busy: 'sip:' } })).toMatchObject({
    status: 422,
    value: {
      faults: [
        { path: 'forward.always', message: 'he would forward to himself' },
        { path: 'forward.busy', message: expect.stringContaining('is no address to call') as unknown },
      ],
    },
  });
  await api('PUT', 'subscribers/carol/settings', undefined, { forward: { always: 'alice' } });
  await api('PUT', 'subscribers/alice/settings', undefined, { forward: { always: 'bob' } });
  expect(await api('PATCH', bobs, undefined, { forward: { always: 'carol' } })).toMatchObject({
    status: 422,
    value: { faults: [{ path: 'forward.always', message: expect.stringContaining('round in a circle') as unknown }] },
  });
  expect((await api('PUT', bobs, undefined, '{')).status).toBe(400);
  expect((await api('PUT', bobs, undefined, [])).status).toBe(422);
  expect((await api('GET', bobs)).value).toEqual({ forward: { busy: 'carol' } });
});

test('explanations are for administrators', async () => {
  await registered('bob');
  await registered('carol');
  const explained = await api('GET', 'explain?from=alice&to=bob');
  expect(explained.status).toBe(200);
  const sentences = (explained.value as { sentences: string[] }).sentences.map((line) => line.replace(/:\d+/, ''));
  expect(sentences).toEqual([
    'the phones of bob ring',
    'call sip:bob@127.0.0.1',
    'when busy:',
    '  bob forwards it to sip:carol@127.0.0.1',
    '  the phones of carol ring',
    '  call sip:carol@127.0.0.1',
  ]);
  expect((await api('GET', 'explain?from=alice&to=nobody')).value).toEqual({
    sentences: ['nobody is at sip:nobody@127.0.0.1', 'answer: 404'],
  });
  expect((await api('GET', 'explain?from=mallory&to=sip:x@example.net')).value).toEqual({
    sentences: [
      'no subscriber calls, but somebody who has not proved who he is',
      'who has not proved who he is can call subscribers and groups only',
      'answer: 403 Relaying Denied',
    ],
  });
  expect((await api('GET', 'explain?from=alice&to=urn:service:sos')).value).toEqual({
    sentences: ['no gateway takes 112', 'answer: 404'],
  });
  expect((await api('GET', 'explain?from=alice&to=bob&at=noon')).status).toBe(400);
  expect((await api('GET', 'explain?from=alice&to=sip:')).status).toBe(400);
  expect((await api('GET', 'explain?from=alice&to=bob', basic('bob', 'bob-secret'))).status).toBe(403);
});

test('the API describes itself', async () => {
  const { status, value } = await api('GET', 'openapi.json', '');
  expect(status).toBe(200);
  expect(await new Validator().validate(value as Record<string, unknown>)).toEqual({ valid: true });
  expect(value).toMatchObject({
    openapi: '3.1.0',
    components: { schemas: { Settings: { properties: { doNotDisturb: { type: 'boolean' } } } } },
  });
});

test.each<readonly [status: number, method: string, path: string, init: RequestInit]>([
  [401, 'PATCH', '/api/subscribers/bob/settings', { headers: { Authorization: '' } }],
  [403, 'PUT', '/api/subscribers/bob/settings', { headers: { Authorization: basic('alice', 'alice-secret') } }],
  [404, 'DELETE', '/api/subscribers/nobody/settings', {}],
  [400, 'PUT', '/api/subscribers/bob/settings', { body: '{' }],
  [413, 'PUT', '/api/subscribers/bob/settings', { body: `"${'x'.repeat(300_000)}"` }],
  [415, 'PUT', '/api/subscribers/bob/settings', { body: '{}', headers: { 'Content-Type': 'text/plain' } }],
  [422, 'PUT', '/api/subscribers/bob/settings', { body: '[]' }],
  [401, 'GET', '/api/codes', { headers: { Authorization: '' } }],
  [200, 'GET', '/api/codes', {}],
  [400, 'GET', '/api/explain?from=alice', {}],
  [403, 'GET', '/api/explain?from=alice&to=bob', { headers: { Authorization: basic('bob', 'bob-secret') } }],
])('its document has the %d to %s %s', async (status, method, path, { body, headers }) => {
  const sent = new Headers({ Authorization: administrator(), 'Content-Type': 'application/json' });
  if (body === undefined) sent.delete('Content-Type');
  for (const [name, value] of new Headers(headers)) sent.set(name, value);
  const response = await fetch(`${exchange.adminUrl}${path}`, {
    method,
    headers: sent,
    ...(body !== undefined && { body }),
  });
  expect(response.status).toBe(status);
  const { value } = await api('GET', 'openapi.json', '');
  const template = path.replace(/\?.*/, '').replace(/subscribers\/\w+/, 'subscribers/{address}');
  const operation = (value as Record<'paths', Record<string, Record<string, { responses: object }>>>).paths[template];
  expect(Object.keys(operation?.[method.toLowerCase()]?.responses ?? {})).toContain(String(status));
});

describe('of two who change the same thing', () => {
  /** With the settings in mind that an entity tag names. */
  function knowing(method: string, header: 'If-Match' | 'If-None-Match', tag: string): Promise<Response> {
    return fetch(`${exchange.adminUrl}/api/${bobs}`, {
      method,
      headers: {
        Authorization: administrator(),
        [header]: tag,
        ...(method === 'PATCH' && { 'Content-Type': 'application/merge-patch+json' }),
        ...(method === 'PUT' && { 'Content-Type': 'application/json' }),
      },
      ...((method === 'PATCH' || method === 'PUT') && { body: '{"doNotDisturb":true}' }),
    });
  }
  const tagOf = (response: Response): string => response.headers.get('ETag') ?? '';

  test.each(['PUT', 'PATCH', 'DELETE'])('the second one is told so when he says what he knows: %s', async (method) => {
    const seen = tagOf(await knowing('GET', 'If-None-Match', '"other"'));
    expect(seen).toMatch(/^"[\w-]{43}"$/);
    await api('PATCH', bobs, undefined, { forward: { ringTime: 10 } });
    const refused = await knowing(method, 'If-Match', seen);
    expect([refused.status, await refused.json()]).toEqual([412, { error: 'somebody has changed them since' }]);
    expect((await api('GET', bobs)).value).toEqual({ forward: { busy: 'carol', ringTime: 10 } });
    const now = tagOf(await knowing('GET', 'If-None-Match', '"other"'));
    // A weak tag names nothing that may be changed (RFC 9110 13.1.1).
    expect((await knowing(method, 'If-Match', `W/${now}`)).status).toBe(412);
    expect((await knowing(method, 'If-None-Match', '*')).status).toBe(412);
    expect((await knowing(method, 'If-Match', `"other", ${now}`)).status).toBe(200);
  });

  test('each answer names what it tells, and who knows it is not told again', async () => {
    const changed = await knowing('PATCH', 'If-Match', '*');
    const same = await knowing('GET', 'If-None-Match', `W/${tagOf(changed)}`);
    expect([same.status, tagOf(same), await same.text()]).toEqual([304, tagOf(changed), '']);
    // RFC 9110 9.3.4.
    expect(tagOf(await knowing('PUT', 'If-Match', tagOf(changed)))).toBe('');
    expect((await knowing('GET', 'If-None-Match', tagOf(changed))).status).toBe(200);
  });
});

describe('calls can be sent to where somebody is', () => {
  test.each(['nobody', '*72carol', '+4930123', 'Петя', 'tel:+4930123', 'sip:127.0.0.1', 'carol\r\nX: y'])(
    'not to %j',
    async (to) => {
      for (const settings of [{ forward: { busy: to } }, { findMe: { places: ['bob', to] } }]) {
        const { status, value } = await api('PATCH', bobs, undefined, settings);
        expect([status, JSON.stringify(value)]).toEqual([422, expect.stringContaining('nobody is there')]);
      }
    },
  );

  test.each(['carol', 'announcement', 'dan@example.net', 'sip:x@192.0.2.1'])('but to %s', async (to) => {
    expect((await api('PATCH', bobs, undefined, { forward: { busy: to } })).status).toBe(200);
  });

  test('nor to whom he may not call himself', async () => {
    const outgoing = { screening: { outgoing: { deny: ['carol', '@example.net'] } } };
    for (const settings of [{ forward: { noAnswer: 'carol' } }, { findMe: { places: ['bob', 'dan@example.net'] } }]) {
      const { status, value } = await api('PATCH', bobs, undefined, { ...outgoing, ...settings });
      expect([status, JSON.stringify(value)]).toEqual([422, expect.stringContaining('he may not call')]);
    }
    // What is set keeps nobody from denying more: calls are refused then.
    expect((await api('PATCH', bobs, undefined, outgoing)).status).toBe(200);
  });

  test('and who was there when it was set keeps nobody from setting something else', async () => {
    await exchange.stop();
    const gone = { user: 'bob', password: 'bob-secret', settings: { forward: { busy: 'nobody' } } };
    configuration = testConfiguration({ subscribers: [gone] });
    ({ exchange } = await startExchange(configuration));
    expect((await api('PATCH', bobs, undefined, { doNotDisturb: true })).status).toBe(200);
  });
});

describe('what is no request for it', () => {
  const nested = `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`;
  test.each<[what: string, method: string, body: string, expected: number]>([
    ['a change nested more deeply than the stack', 'PATCH', nested, 422],
    ['a prototype', 'PATCH', '{"__proto__":{"doNotDisturb":true}}', 400],
    ['a prototype within', 'PUT', '{"forward":{"__proto__":{"always":"carol"}}}', 400],
    ['a constructor', 'PATCH', '{"constructor":{"prototype":{"x":1}}}', 400],
    ['more than anybody has to say', 'PUT', ' '.repeat(262_145), 413],
    ['nothing', 'PUT', '', 400],
    ['a list', 'PATCH', '[]', 422],
  ])('%s', async (_what, method, body, expected) => {
    const { status, value } = await api(method, bobs, undefined, body);
    expect(status).toBe(expected);
    expect(value).toHaveProperty('error');
    expect((await api('GET', bobs)).value).toEqual({ forward: { busy: 'carol' } });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'what a form of any page could send: %s',
    async (type) => {
      const headers = { Authorization: administrator(), 'Content-Type': type };
      const url = `${exchange.adminUrl}/api/${bobs}`;
      const response = await fetch(url, { method: 'PUT', headers, body: '{"doNotDisturb":true}' });
      expect(response.status).toBe(415);
      expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(405);
      // Nor may a page ask (CORS): there is no answer that lets it.
      const preflight = await fetch(url, { method: 'OPTIONS', headers: { Origin: 'http://page.example' } });
      expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([405, null]);
    },
  );

  test.each(['from=alice&to=bob&to=carol', 'from=alice', '', 'from=alice&to=bob&at=1&at=2'])('?%s', async (query) => {
    expect((await api('GET', `explain?${query}`)).status).toBe(400);
  });
});

test('a domain of a subscriber may be named by any of its names', async () => {
  expect((await api('GET', 'subscribers/bob@LOCALHOST/settings', basic('bob@localhost', 'bob-secret'))).status).toBe(
    200,
  );
});
