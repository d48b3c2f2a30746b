import { EmbeddedExchange } from '@switchhook/exchange';
import type { EmbeddedExchangeOptions } from '@switchhook/exchange';
import { systemContext, UdpTransport } from '@switchhook/node';
import { expect, onTestFinished, test } from 'vitest';
import { printReport } from '../checker/print-report.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import { playFlow } from './play-flow.ts';

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
const accounts = new Map(
  ['alice', 'bob'].map((user) => [user, { addressOfRecord: `sip:${user}@example.net`, password: `${user}-pw` }]),
);

/** An exchange of which those who play know the address only. */
async function theirs(options: Partial<EmbeddedExchangeOptions> = {}): Promise<string> {
  const transport = new UdpTransport(context, { address: '127.0.0.1', port: 0 });
  const exchange = new EmbeddedExchange(context, {
    domains: [{ name: 'example.net' }],
    subscribers: ['alice', 'bob'].map((user) => ({ user, domain: 'example.net', password: `${user}-pw` })),
    ...options,
    transports: [transport],
    resolver: {
      resolve: ({ host, port = 5_060 }) => [{ protocol: 'UDP', address: host, port }],
      markFailed: ignore,
    },
  });
  await exchange.start();
  onTestFinished(() => exchange.stop());
  return `127.0.0.1:${transport.local?.port ?? 0}`;
}

function callHold(): (typeof flowScripts)[number] {
  const [script] = flowScripts;
  if (script === undefined) throw new RangeError('no script');
  return script;
}

test("somebody else's proxy is held against the flow, with phones of ours that register with it", async () => {
  const { report, error, leftOvers } = await playFlow(callHold(), { proxy: await theirs(), accounts, listenTime: 700 });
  expect([error?.message, leftOvers]).toEqual([undefined, []]);
  expect(report.passed, printReport(report)).toBe(true);
  expect(report.matched.size).toBe(25);
});

test("2.13: Alice calls past somebody else's proxy, which refuses her and names our announcement", async () => {
  const script = flowScripts.find(({ flow }) => flow === '2.13');
  if (script === undefined) throw new RangeError('no script');
  const proxy = await theirs({
    subscribers: [
      { user: 'alice', domain: 'example.net', password: 'alice-pw' },
      {
        user: 'bob',
        domain: 'example.net',
        password: 'bob-pw',
        settings: { screening: { incoming: { deny: ['alice@example.net'] } } },
      },
    ],
    servers: { announcement: { at: 'sip:screen-fail-term-ann@ms.biloxi.example.com' } },
  });
  const { report, error, leftOvers } = await playFlow(script, { proxy, accounts, listenTime: 700 });
  expect([error?.message, leftOvers]).toEqual([undefined, []]);
  expect(report.passed, printReport(report)).toBe(true);
});

test("2.8: Bob's phone that has no account of its own has his", async () => {
  const script = flowScripts.find(({ flow }) => flow === '2.8');
  if (script === undefined) throw new RangeError('no script');
  const subscriber = (user: string): { user: string; domain: string; password: string } => ({
    user,
    domain: 'example.net',
    password: `${user}-pw`,
  });
  const proxy = await theirs({
    subscribers: [
      subscriber('alice'),
      { ...subscriber('bob'), settings: { forward: { busy: 'dora' } } },
      subscriber('dora'),
    ],
  });
  const known = new Map([...accounts, ['b2', { addressOfRecord: 'sip:dora@example.net', password: 'dora-pw' }]]);
  const { report, error, leftOvers } = await playFlow(script, { proxy, accounts: known, listenTime: 700 });
  expect([error?.message, leftOvers]).toEqual([undefined, []]);
  expect(report.passed, printReport(report)).toBe(true);
});

test('whose account a proxy does not take is named', async () => {
  const known = new Map([...accounts, ['bob', { addressOfRecord: 'sip:bob@example.net', password: 'wrong' }]]);
  const { error } = await playFlow(callHold(), { proxy: await theirs(), accounts: known });
  expect(error?.message).toBe(
    'bob cannot register as sip:bob@example.net: the exchange did not accept the password (401)',
  );
});

test('a proxy that is not there, a flow that has none, and accounts that are missing are told', async () => {
  const { error } = await playFlow(callHold(), { proxy: '127.0.0.1:1;transport=tcp', accounts });
  expect(error?.message).toMatch(/^the proxy does not answer at 127\.0\.0\.1, port 1, over TCP/);
  await expect(playFlow(callHold(), { proxy: '127.0.0.1' })).rejects.toThrow('the proxy has to know alice, bob');
  const transfer = flowScripts.find(({ flow }) => flow === '2.4');
  if (transfer === undefined) throw new RangeError('no script');
  await expect(playFlow(transfer, { proxy: '127.0.0.1', accounts })).rejects.toThrow(
    'the ladder of 2.4 has no proxy; 2.1',
  );
});

test('2.14: a proxy that lets a call through that it should refuse is not waited for', async () => {
  const script = flowScripts.find(({ flow }) => flow === '2.14');
  if (script === undefined) throw new RangeError('no script');
  // The same proxy in the simulator, where ten seconds of ringing take no time.
  const { error, leftOvers } = await simulateFlow({ ...script, setting: {} });
  expect([error?.message, leftOvers]).toEqual(['alice is not refused: it rings at bob', []]);
});
