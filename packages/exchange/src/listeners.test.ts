import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfiguration } from './config/configuration.ts';
import { testConfiguration } from './exchange.testing.ts';
import { Exchange } from './exchange.ts';
import { explainListenError } from './listeners.ts';
import { silent } from './phone.testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchhook-listeners-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a port that is taken is told with the place of its listener', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const file = join(folder, 'taken.yaml');
  const listeners = `listeners:\n  - {protocol: tcp, address: 127.0.0.1, port: ${port}}\n`;
  writeFileSync(file, `domains: [{name: a.example}]\n${listeners}admin: {port: 8060}\n`);
  const exchange = new Exchange(loadConfiguration(file), { version: '0', log: silent });
  await expect(exchange.start()).rejects.toThrow(
    `${file}:3:5: listeners[0]: 127.0.0.1 port ${port} is taken: \`ss -lpn 'sport = :${port}'\` shows which program`,
  );
  other.close();
});

test.each([
  [
    'EADDRNOTAVAIL',
    'x.yaml:7:1: listeners[1]: 192.0.2.1 is not an address of this machine; correct it under listeners',
  ],
  ['EACCES', 'x.yaml:7:1: listeners[1]: 192.0.2.1 port 99 may not be used by this user; choose a port above 1023'],
])('%s is told with place and remedy', (code, told) => {
  const [first] = testConfiguration().listeners;
  const listeners = [first, { protocol: 'UDP' as const, address: '192.0.2.1', port: 99 }].filter(
    (each) => each !== undefined,
  );
  const configuration = { ...testConfiguration({}, folder), listeners, placeOf: () => 'x.yaml:7:1' };
  const error = Object.assign(new Error('bind'), { code, address: '192.0.2.1', port: 99 });
  expect(String(explainListenError(error, configuration))).toContain(told);
});

test('a capture that cannot be written says so', async () => {
  const exchange = new Exchange(
    { ...testConfiguration({}, folder), captureFile: join(folder, 'none/x.pcapng') },
    { version: '0', log: silent },
  );
  await expect(exchange.start()).rejects.toMatchObject({
    code: 'capture',
    message: `the capture cannot be written: ${join(folder, 'none/x.pcapng')}: no such file or directory; name another file, or none`,
  });
});
