import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demonstration } from '@switchhook/exchange';
import { expect, test } from 'vitest';
import { welcome } from './welcome.ts';

const listeners = [
  { protocol: 'UDP', address: '127.0.0.1', port: 5060 },
  { protocol: 'TCP', address: '127.0.0.1', port: 5060 },
  { protocol: 'TLS', address: '127.0.0.1', port: 5061 },
  { protocol: 'WS', address: '127.0.0.1', port: 8080 },
] as const;

test('the welcome has lines to paste, with the passwords that are kept for the next start', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'switchhook-welcome-'));
  const { configuration, subscribers } = demonstration({ dataFolder });
  expect(demonstration({ dataFolder }).subscribers).toEqual(subscribers);
  const passwords = subscribers.map(({ password }) => password);
  expect(new Set(passwords).size).toBe(4);
  const [alice = '', bob = '', carol = ''] = passwords;
  const exchange = { listeners, adminUrl: 'http://127.0.0.1:8060', developmentCaFile: '/data/ca/ca.pem' };
  const lines = welcome(exchange, configuration, subscribers).split('\n');
  expect(lines[0]).toBe('Ready: the exchange serves 127.0.0.1.');
  expect(lines).toEqual(
    expect.arrayContaining([
      `  npm run switchhook -- phone --data ${dataFolder} alice`,
      `  npm run switchhook -- phone --data ${dataFolder} bob`,
      `  <sip:alice@127.0.0.1;transport=udp>;auth_pass=${alice};outbound="sip:127.0.0.1:5060;transport=udp"`,
      `  <sip:bob@127.0.0.1;transport=tcp>;auth_pass=${bob};outbound="sip:127.0.0.1:5060;transport=tcp"`,
      `  <sip:carol@127.0.0.1;transport=tls>;auth_pass=${carol};outbound="sip:127.0.0.1:5061;transport=tls"`,
      '  sip_cafile /data/ca/ca.pem',
      '  ports sip 5080',
      `  register sip:bob@127.0.0.1 sip:127.0.0.1:5060 ${bob}`,
    ]),
  );
});

test('a configured exchange shows no passwords', () => {
  const { configuration } = demonstration({ dataFolder: mkdtempSync(join(tmpdir(), 'switchhook-welcome-')) });
  const exchange = { listeners, adminUrl: 'http://127.0.0.1:8060', developmentCaFile: undefined };
  expect(welcome(exchange, configuration, [])).not.toMatch(/password|auth_pass|trust/);
});

test('addresses of IPv6 are in brackets', () => {
  const { configuration } = demonstration({ dataFolder: mkdtempSync(join(tmpdir(), 'switchhook-welcome-')) });
  const exchange = {
    listeners: [{ protocol: 'UDP', address: '::1', port: 5060 } as const],
    adminUrl: 'http://[::1]:8060',
    developmentCaFile: undefined,
  };
  expect(welcome(exchange, configuration, [])).toContain('listening   UDP [::1]:5060');
});
