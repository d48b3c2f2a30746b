import { request } from 'node:http';
import { mkdtempSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AdminServer } from './server.ts';
import type { AdminSource } from './server.ts';
import { readAdminAccess } from './token.ts';

let healthy: boolean;
let failures: string[];
const source: AdminSource = {
  healthy: () => healthy,
  metrics: () => Promise.resolve('switchhook_calls 0\n'),
  status: () => ({
    version: '1',
    startedAt: '',
    draining: false,
    domains: ['example.com'],
    listeners: [],
    subscribers: 0,
    registrations: [],
    calls: [],
    servers: [],
  }),
  ladder: (callId) => (callId === 'a@b' ? 'ladder\n' : undefined),
  settings: {
    identify: () => undefined,
    subscriberOf: () => undefined,
    get: () => ({ kind: 'unknown' }),
    replace: () => ({ kind: 'unknown' }),
    merge: () => ({ kind: 'unknown' }),
    reset: () => ({ kind: 'unknown' }),
    explain: () => undefined,
    codes: () => [],
  },
  failed: (message) => void failures.push(message),
};

let folder: string;
let server: AdminServer;
let url: string;

beforeEach(async () => {
  healthy = true;
  failures = [];
  folder = mkdtempSync(join(tmpdir(), 'switchhook-admin-'));
  server = new AdminServer(source, folder);
  url = await server.start('127.0.0.1', 0);
});

afterEach(() => server.stop());

test('whoever opens an address that there is not is told which there are', async () => {
  const response = await fetch(url);
  expect(response.status).toBe(404);
  const { error } = (await response.json()) as { error: string };
  const [, ...addresses] = error.split(/ (?=\/)/).map((each) => /^\/[a-z]+/.exec(each)?.[0]);
  expect(addresses).toEqual(['/healthz', '/metrics', '/status', '/ladders', '/api']);
});

function asOwner(path: string): Promise<Response> {
  const token = readAdminAccess(folder)?.token ?? '';
  return fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}` } });
}

test('health and metrics are for everybody on the machine', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
  expect(await metrics.text()).toBe('switchhook_calls 0\n');
});

test('status and ladders are for the owner of the data folder', async () => {
  expect((await fetch(`${url}/status`)).status).toBe(401);
  expect((await fetch(`${url}/ladders/a@b`, { headers: { Authorization: 'Bearer x' } })).status).toBe(401);
  expect(await (await asOwner('/status')).json()).toMatchObject({ domains: ['example.com'] });
  expect(await (await asOwner(`/ladders/${encodeURIComponent('a@b')}`)).text()).toBe('ladder\n');
  expect((await asOwner('/ladders/other')).status).toBe(404);
});

test('the token file is readable by its owner only', () => {
  expect(statSync(join(folder, 'admin.json')).mode & 0o777).toBe(0o600);
  const { domains, listeners } = source.status();
  expect(readAdminAccess(folder)).toMatchObject({ url, domains, listeners });
});

test.each(['GET', 'POST'])('what is not there is not there: %s', async (method) => {
  expect((await fetch(`${url}/nothing`, { method })).status).toBe(404);
});

test.each([
  ['POST', '/healthz', 'GET, HEAD'],
  ['DELETE', '/metrics', 'GET, HEAD'],
  ['PUT', '/status', 'GET, HEAD'],
  ['OPTIONS', '/ladders/a@b', 'GET, HEAD'],
  ['QUERY', '/status', 'GET, HEAD'],
  ['PATCH', '/api/codes', 'GET, HEAD'],
  ['POST', '/api/subscribers/alice/settings', 'GET, HEAD, PUT, PATCH, DELETE'],
])('a method that is not for it is answered 405 with those that are: %s %s', async (method, path, allow) => {
  const body = method === 'OPTIONS' ? null : 'a=b';
  const answer = await fetch(`${url}${path}`, { method, body });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
});

/** What is said on a connection before the server ends it. */
async function saidTo(text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let heard = '';
  socket.on('data', (data) => (heard += data.toString()));
  socket.write(text);
  await once(socket, 'close');
  return heard;
}

test.each([
  ['head', 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
  [
    'body',
    'PUT /api/subscribers/a/settings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])('a %s that does not end is answered 408 and its connection closed', async (_part, text) => {
  await server.stop();
  server = new AdminServer(source, folder, { requestTime: 100 });
  url = await server.start('127.0.0.1', 0);
  expect(await saidTo(text)).toMatch(/^HTTP\/1\.1 408 /);
});

test.each([
  ['a path that is not UTF-8', 'GET /ladders/%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
  [
    'a path that is too long',
    `GET /ladders/${'x'.repeat(9_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    414,
  ],
  [
    'header fields that are too long',
    `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
  ],
  ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\nConnection: close\r\n\r\n', 400],
  ['SIP', 'OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n', 400],
  ['TRACE', 'TRACE /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 405],
])('%s is refused in the form of all other answers', async (_what, text, status) => {
  const [head = '', body = ''] = (await saidTo(text)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${String(status)} `));
  expect(JSON.parse(body)).toEqual({ error: expect.any(String) as string });
});

test('a Call-ID may be as long as a header field', async () => {
  const answer = await asOwner(`/ladders/${'x'.repeat(8_000)}`);
  expect([answer.status, await answer.json()]).toEqual([404, { error: 'no such call is remembered' }]);
});

test('a connection more than there may be is closed', async () => {
  await server.stop();
  server = new AdminServer(source, folder, { connections: 1 });
  url = await server.start('127.0.0.1', 0);
  const first = connect(Number(new URL(url).port), '127.0.0.1');
  first.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await once(first, 'data');
  expect(await saidTo('')).toBe('');
  first.end();
});

test('it has the times and connections of docs/limits.md where nothing else is said', async () => {
  await server.stop();
  const listen = vi.spyOn(Server.prototype, 'listen');
  try {
    server = new AdminServer(source, folder);
    await server.start('127.0.0.1', 0);
    expect(listen.mock.contexts).toMatchObject([
      { maxConnections: 500, requestTimeout: 20_000, headersTimeout: 20_000 },
    ]);
  } finally {
    listen.mockRestore();
  }
});

test('a body over 256 KiB is answered 413, and one of as much is read', async () => {
  const put = async (bytes: number): Promise<number> => {
    const body = JSON.stringify('x'.repeat(bytes - 2));
    const headers = { 'Content-Type': 'application/json' };
    return (await fetch(`${url}/api/subscribers/a/settings`, { method: 'PUT', headers, body })).status;
  };
  expect([await put(262_144), await put(262_145)]).toEqual([401, 413]);
});

test.each([
  ['localhost:80', 200],
  ['127.0.0.1', 200],
  ['[::1]:8060', 200],
  ['rebound.example', 421],
  ['rebound.example:8060', 421],
  ['127.0.0.1.rebound.example', 421],
])('a page of another name that leads here reads nothing: %s', async (host, status) => {
  for (const path of ['/healthz', '/metrics']) expect(await statusFor(path, host)).toBe(status);
  expect(await statusFor('/status', host)).toBe(status === 200 ? 401 : status);
});

/** Asks with another Host, as no browser lets a page do. */
function statusFor(path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(`${url}${path}`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on('error', reject).end();
  });
}

test('health says when it drains', async () => {
  healthy = false;
  const answer = await fetch(`${url}/healthz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'draining' });
});

test('a taken port is named, with what to do', async () => {
  const blocker = createServer();
  const port = await new Promise<number>((resolve) => {
    blocker.listen(0, '127.0.0.1', () => {
      const address = blocker.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const second = new AdminServer(source, folder);
  await expect(second.start('127.0.0.1', port)).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${String(port)}: it is taken`,
  );
  blocker.close();
});
