import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exchange, loadConfiguration } from '@switchhook/exchange';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Terminal } from '../command.ts';
import { run } from '../index.ts';

let folder: string;
let exchange: Exchange;
let printed = '';
let complained = '';
const terminal: Terminal = {
  print: (text) => void (printed += text),
  complain: (text) => void (complained += text),
  askSecret: () => Promise.resolve(undefined),
  readStandardInput: () => Promise.resolve(''),
  onEnter: () => () => undefined,
};

const silent = (): void => undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-set-'));
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const file = join(folder, 'switchhook.yaml');
  const users = ['alice', 'bob', 'carol'].map((user) => `{ user: ${user}, password: secret }`).join(', ');
  writeFileSync(
    file,
    `domains: [{ name: example.test }]\nlisteners: [{ protocol: udp, address: 127.0.0.1, port: ${String(port)} }]\n` +
      `admin: { port: 0 }\ndata: data\nsubscribers: [${users}]\n` +
      `servers: { features: { codes: { doNotDisturb: { on: '*26' } } } }\nmedia: { address: 127.0.0.1 }\n`,
  );
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  exchange = new Exchange(loadConfiguration(file), { version: '0', log });
  await exchange.start();
});

afterAll(() => exchange.stop());

async function switchhook(...parameters: string[]): Promise<number> {
  printed = '';
  complained = '';
  const [command = '', ...rest] = parameters;
  return run([command, '--data', join(folder, 'data'), ...rest], terminal);
}

test('shows, changes and takes back settings', async () => {
  expect(await switchhook('set', 'bob')).toBe(0);
  expect(printed).toBe('nothing is set\n');
  expect(await switchhook('set', 'bob', 'forward.busy', 'carol')).toBe(0);
  expect(await switchhook('set', 'bob', 'forward.ringTime', '15')).toBe(0);
  expect(await switchhook('set', 'bob', 'screening.incoming.deny', 'anonymous, @example.net')).toBe(0);
  expect(await switchhook('set', 'bob@example.test', 'findMe.places', '[{"to":"carol","delay":5}]')).toBe(0);
  expect(await switchhook('set', 'bob', 'doNotDisturb', 'on')).toBe(0);
  expect(printed).toBe(
    [
      'forward.busy carol',
      'forward.ringTime 15',
      'findMe.places [{"to":"carol","delay":5}]',
      'screening.incoming.deny anonymous, @example.net',
      'doNotDisturb on',
      '',
    ].join('\n'),
  );
  expect(await switchhook('set', 'bob', 'findMe', 'off')).toBe(2);
  expect(await switchhook('set', 'bob', 'findMe.places', 'off')).toBe(0);
  expect(printed).not.toContain('findMe');
  expect(await switchhook('set', '--reset', 'bob')).toBe(0);
  expect(printed).toBe('nothing is set\n');
});

test('says what is wrong, and where', async () => {
  expect(await switchhook('set', 'bob', 'forward.always', 'bob')).toBe(1);
  expect(complained).toBe('switchhook: forward.always: he would forward to himself\n');
  expect(await switchhook('set', 'nobody')).toBe(1);
  expect(complained).toMatch(/^switchhook: there is no subscriber "nobody"; `\S.* users list` shows .*\n$/);
  expect(await switchhook('set', 'bob', 'forward.ringTime', 'long')).toBe(1);
  expect(complained).toContain('forward.ringTime: expected a number');
  expect(await switchhook('set', 'bob', 'forward.allways', 'carol')).toBe(2);
  expect(complained).toContain('there is no setting "forward.allways"');
  expect(await switchhook('set', 'bob', 'doNotDisturb', 'perhaps')).toBe(2);
  expect(await switchhook('set', 'bob', 'forward.always')).toBe(2);
  expect(await switchhook('set')).toBe(2);
  expect(await switchhook('set', '--reset', 'bob', 'forward.always', 'carol')).toBe(2);
  expect(await switchhook('set', 'bob', 'findMe.places', '[')).toBe(2);
});

test('explains where a call would go, at any time', async () => {
  await switchhook(
    'set',
    'bob',
    'screening.incoming.deny',
    '[{"who":"alice","when":{"days":["wed"],"timeZone":"UTC"}}]',
  );
  expect(await switchhook('explain', '--at', '2026-03-04T12:00:00Z', 'alice', 'bob')).toBe(0);
  expect(printed).toBe('bob does not take this call: "alice" is denied\nanswer: 403 Screening Failure (Terminating)\n');
  expect(await switchhook('explain', '--at', '2026-03-05T12:00:00Z', 'alice', 'bob')).toBe(0);
  expect(printed).toBe('no phone of bob is registered\nanswer: 480\n');
  expect(await switchhook('explain', 'alice')).toBe(2);
  expect(await switchhook('explain', 'alice', 'sip:')).toBe(1);
});

test('lists what can be dialled', async () => {
  expect(await switchhook('codes')).toBe(0);
  expect(printed.split('\n').slice(0, 3)).toEqual([
    'dial        and',
    '*72 NUMBER  all calls are forwarded to that number',
    '*73         all calls are not forwarded any more',
  ]);
  expect(printed).toContain('*26         all calls find you busy');
  expect(printed).not.toContain('*78');
  expect(await switchhook('codes', 'bob')).toBe(2);
  expect(await switchhook('codes', '--help')).toBe(0);
});

test('without a running exchange there is nothing to change', async () => {
  expect(await run(['set', '--data', join(folder, 'none'), 'bob'], terminal)).toBe(4);
  expect(await run(['explain', '--data', join(folder, 'none'), 'alice', 'bob'], terminal)).toBe(4);
  expect(await run(['codes', '--data', join(folder, 'none')], terminal)).toBe(4);
});
