/** Every method and every kind of credential, for everything within the exchange that takes requests. */
import type { HeaderInit } from '@switchhook/sip';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';

let exchange: Exchange;
let alice: ScriptedPhone;
let wrong: ScriptedPhone;

beforeAll(async () => {
  const servers = { announcement: {}, music: {}, park: {}, features: {} };
  const limits = { authenticationFailures: { free: 1_000 } };
  ({ exchange } = await startExchange(testConfiguration({ servers, limits, media: { address: '127.0.0.1' } })));
  alice = await ScriptedPhone.start(exchange, { user: 'alice' });
  wrong = await ScriptedPhone.start(exchange, { user: 'alice', password: 'guess' });
});

afterAll(async () => {
  await alice.stop();
  await wrong.stop();
  await exchange.stop();
});

const within = ['INFO', 'UPDATE', 'PRACK', 'BYE'] as const;
const unwanted = ['MESSAGE', 'PUBLISH'] as const;

/** What each method gets from a server that was called by somebody who may, and what from a stranger. */
function rows(own: readonly Row[]): readonly Row[] {
  const named = new Set(own.map(([method]) => method));
  const usual: readonly Row[] = [
    ['OPTIONS', 200, 200],
    ...within.map((method): Row => [method, 481, 481]),
    ...unwanted.map((method): Row => [method, 405, 405]),
    ...(['SUBSCRIBE', 'NOTIFY', 'REFER'] as const).map((method): Row => [method, 405, 405]),
    ['FETCH', 501, 501],
  ];
  return [...own, ...usual.filter(([method]) => !named.has(method))];
}

type Row = readonly [method: string, whoMay: number, stranger: number];

const refer: HeaderInit = ['Refer-To', '<sip:bob@192.0.2.9?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>'];
const dialogs: HeaderInit = ['Event', 'dialog'];
/** Of each method, what makes it one that is meant. */
const meaning: Readonly<Record<string, readonly HeaderInit[]>> = {
  REFER: [refer],
  SUBSCRIBE: [dialogs],
  NOTIFY: [dialogs],
};

describe.each<readonly [server: string, uri: string, rows: readonly Row[]]>([
  ['the announcement server, which is for everybody', 'sip:announcement@127.0.0.1', rows([['INVITE', 200, 200]])],
  [
    'the music server',
    'sip:music@127.0.0.1',
    rows([
      ['INVITE', 200, 403],
      ['REFER', 200, 403],
      ['SUBSCRIBE', 489, 489],
      ['NOTIFY', 481, 481],
    ]),
  ],
  ...['park', '701'].map(
    (user) =>
      [
        `the park server, at ${user}`,
        `sip:${user}@127.0.0.1`,
        rows([
          ['INVITE', 404, 403],
          ['REFER', 200, 403],
          ['SUBSCRIBE', 200, 403],
          ['NOTIFY', 481, 481],
        ]),
      ] as const,
  ),
  ['the feature codes', 'sip:*78@127.0.0.1', rows([['INVITE', 200, 403]])],
  [
    'the exchange itself',
    'sip:127.0.0.1',
    [
      ['OPTIONS', 200, 200],
      ['SUBSCRIBE', 489, 489],
      ...['INVITE', 'MESSAGE', 'PUBLISH', 'NOTIFY', 'REFER', ...within].map((method): Row => [method, 405, 405]),
      ['FETCH', 501, 501],
    ],
  ],
])('%s', (_, uri, all) => {
  test.each(all)(
    '%s with no, wrong, another’s, right and replayed credentials, and of a stranger',
    async (method, whoMay, stranger) => {
      const headers = [['Contact', alice.contact], ...(meaning[method] ?? [])] as const;
      const challenged = await alice.send(method, uri, { headers, unanswered: true });
      expect([challenged.status, challenged.has('Proxy-Authenticate')]).toEqual([407, true]);
      const refused = await wrong.send(method, uri, { headers });
      expect([refused.status, refused.raw('Proxy-Authenticate')?.includes('stale=true')]).toEqual([407, false]);
      expect((await alice.send(method, uri, { headers, from: 'sip:carol@127.0.0.1' })).status).toBe(403);
      expect((await alice.send(method, uri, { headers })).status).toBe(whoMay);
      const used = alice.sent.at(-1)?.raw('Proxy-Authorization') ?? '';
      const again = [...headers, ['Proxy-Authorization', used]] as const;
      const replayed = await alice.send(method, uri, { headers: again, unanswered: true });
      expect([replayed.status, replayed.raw('Proxy-Authenticate')?.includes('stale=true')]).toEqual([407, true]);
      const from = 'sip:eve@elsewhere.example';
      expect((await alice.send(method, uri, { headers, from, unanswered: true })).status).toBe(stranger);
    },
  );
});
