import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findAccount } from './account.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'switchhook-account-'));
  const listeners = ['UDP 127.0.0.1:5060', 'TLS 127.0.0.1:5061'];
  writeFileSync(
    join(data, 'admin.json'),
    JSON.stringify({ url: 'http://127.0.0.1:8060', token: 'x', domains: ['127.0.0.1'], listeners }),
  );
});

afterEach(() => {
  rmSync(data, { recursive: true });
});

test.each([
  ['127.0.0.1:5061', 'sip:127.0.0.1:5061;transport=tls', 'tls'],
  ['127.0.0.1:5060', 'sip:127.0.0.1:5060;transport=udp', 'udp'],
  ['127.0.0.1:5070', 'sip:127.0.0.1:5070', undefined],
])('the proxy %s is spoken to as the exchange of this machine listens there', async (proxy, uri, transport) => {
  const account = await findAccount('alice', { data, proxy }, undefined);
  expect(account).toMatchObject({ outboundProxies: [uri] });
  expect(account.transport).toBe(transport);
});

test('a password that is asked for and not said begins no phone', async () => {
  const asked: string[] = [];
  const terminal = {
    askSecret: (question: string) => {
      asked.push(question);
      return Promise.resolve('');
    },
  };
  await expect(findAccount('alice', { data }, terminal)).rejects.toThrow('--password-file FILE');
  expect(asked).toEqual(['Password of alice@127.0.0.1: ']);
  await findAccount('alice', { data }, terminal, false);
  expect(asked).toHaveLength(1);
});

test('the password is the first line of its file', async () => {
  const passwordFile = join(data, 'password');
  writeFileSync(passwordFile, 'secret\r\nof the telephone in the kitchen\n');
  expect(await findAccount('alice', { data, 'password-file': passwordFile }, undefined)).toMatchObject({
    password: 'secret',
  });
});

test('what is said of the transport counts', async () => {
  const account = await findAccount('alice', { data, proxy: '127.0.0.1:5061', transport: 'tcp' }, undefined);
  expect(account).toMatchObject({ outboundProxies: ['sip:127.0.0.1:5061;transport=tcp'], transport: 'tcp' });
});

test.each([
  ['sip:alice@example.test', '127.0.0.6:5070', '127.0.0.1'],
  ['sip:alice@127.0.0.1', undefined, '127.0.0.1'],
  ['sip:alice@example.test', '[::1]:5070', '::1'],
  ['sip:alice@example.test', '192.0.2.1:5070', undefined],
])('%s by way of %s answers from %s', async (address, proxy, loopback) => {
  const account = await findAccount(address, { data, proxy }, undefined, false);
  expect(account.loopback).toBe(loopback);
});
