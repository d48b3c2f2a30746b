import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, LogFields } from '@switchhook/sip';
import { configurationOf } from './config/configuration.ts';
import type { Configuration } from './config/configuration.ts';
import { configurationSchema } from './config/schema.ts';
import { Exchange } from './exchange.ts';
import { silent } from './phone.testing.ts';

/** A configuration for tests: free ports on loopback, and four subscribers whose passwords are `NAME-secret`. */
export function testConfiguration(more: Record<string, unknown> = {}, folder = newFolder()): Configuration {
  const file = configurationSchema.parse({
    domains: [{ name: '127.0.0.1', aliases: ['localhost'] }],
    listeners: ['udp', 'tcp', 'tls', 'ws', 'wss'].map((protocol) => ({ protocol, address: '127.0.0.1' })),
    subscribers: ['alice', 'bob', 'carol', 'bill'].map((user) => ({ user, password: `${user}-secret` })),
    admin: { port: 0 },
    ...more,
  });
  const configuration = configurationOf(file, folder, { dataFolder: folder });
  return { ...configuration, listeners: configuration.listeners.map((listener) => ({ ...listener, port: 0 })) };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'switchhook-exchange-'));
}

/** An exchange that has started, and the lines it logged. */
export async function startExchange(
  configuration = testConfiguration(),
  clock?: Clock,
): Promise<{ exchange: Exchange; lines: [message: string, fields: LogFields | undefined][] }> {
  const lines: [string, LogFields | undefined][] = [];
  const log = { ...silent, info: (message: string, fields?: LogFields) => void lines.push([message, fields]) };
  const exchange = new Exchange(configuration, { version: '0', ladder: true, log, ...(clock && { clock }) });
  await exchange.start();
  return { exchange, lines };
}
