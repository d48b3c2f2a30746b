/** Somebody else's proxy in the flows that have one: `switchhook flow SECTION --proxy HOST`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowScripts, playFlow } from '@switchhook/flows';
import type { PlayedFlow } from '@switchhook/flows';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Kamailio } from './support/kamailio.ts';

/** Whose calls go where. */
const forwards = { bob: ['b2'], erin: ['b2', 'b3', 'b4'] };
const diverts = { frank: '+19727293660' };
const forbids = { user: 'dave', why: 'sip:screen-fail-term-ann@ms.biloxi.example.com' };

let kamailio: Kamailio;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'switchhook-proxies-'));
  // It gives GRUUs, and does not look them up within dialogs unless it is told to: with this it gives none.
  kamailio = await Kamailio.start(directory, { watchesDialogs: true, password: 'secret', forwards, diverts, forbids });
});

afterAll(async () => {
  await kamailio.stop();
  rmSync(directory, { recursive: true });
});

/** Plays a flow through it; `known` is who it knows a phone as, where that is another than the flow's name. */
async function play(flow: string, known: Readonly<Record<string, string>> = {}): Promise<PlayedFlow> {
  const script = flowScripts.find((each) => each.flow === flow);
  if (script === undefined) throw new RangeError(flow);
  const proxy = `127.0.0.1:${String(kamailio.port)}`;
  const accounts = new Map(
    ['alice', 'bob', 'carol', 'b1', 'b2', 'b3', 'b4', 'gateway'].map((element) => {
      const userName = known[element] ?? element;
      return [element, { addressOfRecord: `sip:${userName}@${proxy}`, userName, password: 'secret' }];
    }),
  );
  return playFlow(script, { proxy, accounts, listenTime: 700, timeLimit: 40_000 });
}

describe('Kamailio as the proxy', () => {
  test.each(['2.1', '2.2'])('%s: every message, and one piece of advice', async (flow) => {
    const { report, error, leftOvers } = await play(flow);
    expect([error?.message, leftOvers, report.failures]).toEqual([undefined, [], []]);
    // RFC 3261 16.6 (4): a proxy should record its route within a dialog, too, and this one does not.
    expect(report.advice.map(({ rule }) => rule)).toContain('recordRoute');
  });

  test('asks for credentials, as ours does', async () => {
    const { report } = await play('2.1');
    const asked = report.messages.filter(({ from, text }) => from === 'proxy' && /^SIP\/2\.0 40[17] /.test(text));
    expect(new Set(asked.map(({ to }) => to))).toEqual(new Set(['alice', 'bob']));
  });

  test('2.7: forwards all calls to the gateway, which registers there', async () => {
    const { report, error, leftOvers } = await play('2.7', { bob: 'frank', gateway: diverts.frank });
    expect([error?.message, leftOvers, report.failures]).toEqual([undefined, [], []]);
  });

  test('2.8: forwards from the phone that is busy', async () => {
    const { report, error, leftOvers } = await play('2.8', { b1: 'bob' });
    expect([error?.message, leftOvers, report.failures]).toEqual([undefined, [], []]);
  });

  test('2.9: forwards from the phone that nobody answers, before it cancels the call there', async () => {
    const { report, error, leftOvers } = await play('2.9', { b1: 'bob' });
    expect([error?.message, leftOvers]).toEqual([undefined, []]);
    const differences = report.failures.map(({ rule, expected }) => `${rule} ${expected}`);
    expect(new Set(differences)).toEqual(new Set(['order after F6']));
  });

  test('2.12: tries one place after the other, the second before it cancels the call at the first', async () => {
    const { report, error, leftOvers } = await play('2.12', { bob: 'erin', b1: 'erin' });
    expect([error?.message, leftOvers]).toEqual([undefined, []]);
    const differences = report.failures.map(({ rule, expected }) => `${rule} ${expected}`);
    expect(new Set(differences)).toEqual(new Set(['order after F6']));
  });

  test('2.14: refuses a call, and says where one hears why', async () => {
    const { report, error, leftOvers } = await play('2.14', { bob: 'dave' });
    expect([error?.message, leftOvers, report.failures]).toEqual([undefined, [], []]);
  });

  test('2.13: refuses a call that the phone has sent to it, and the announcement is heard', async () => {
    const { report, error, leftOvers } = await play('2.13', { bob: 'dave' });
    expect([error?.message, leftOvers, report.failures]).toEqual([undefined, [], []]);
  });

  test('2.9: what it is not set to forward is the first message that is missing', async () => {
    const { report, error } = await play('2.9');
    expect(error).toBeDefined();
    const missing = report.failures.filter(({ rule }) => rule === 'message').map(({ message }) => message);
    expect(missing[0]).toBe('F2');
    expect(report.failures.some(({ found }) => found === '404 to INVITE from proxy to alice')).toBe(true);
  });
});
