import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, Chromium } from './support/chromium.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { describeWithPeers } from './support/presence.ts';

describeWithPeers('the library in Chromium', ['chromium'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-chromium-'));
  let exchange: ExchangeProcess;
  let chromium: Chromium;

  beforeAll(async () => {
    exchange = await ExchangeProcess.start({ directory, subscribers: ['alice', 'bob'] });
    chromium = await Chromium.start(directory);
  });

  afterAll(async () => {
    await chromium.stop();
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  function account(user: string, password = passwordOf(user)) {
    return { server: `ws://127.0.0.1:${String(exchange.ports.ws)}/`, user, password };
  }

  test('registers over a WebSocket, and hears that a password is wrong', async () => {
    expect(await ask(await chromium.open(), 'register', account('alice'))).toBe('registered');
    expect(await exchange.metric('switchhook_registrations')).toBe(1);
    expect(await ask(await chromium.open(), 'register', account('bob', 'wrong'))).toBe('failed');
  });
});
