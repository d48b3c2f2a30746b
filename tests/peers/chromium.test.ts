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

  test('messages both ways, and a call that is held, resumed and ended', async () => {
    const alice = await chromium.open();
    const bob = await chromium.open();
    expect(await ask(alice, 'register', account('alice'))).toBe('registered');
    expect(await ask(bob, 'register', account('bob'))).toBe('registered');

    expect(await ask(alice, 'message', 'sip:bob@127.0.0.1', 'Grüße aus dem Browser ☎')).toBe(200);
    expect(await ask(bob, 'message', 'sip:alice@127.0.0.1', 'ebenso')).toBe(200);
    expect(await ask(bob, 'message', 'sip:nobody@127.0.0.1', 'hallo')).toBe(404);

    expect(await ask(alice, 'call', 'sip:bob@127.0.0.1')).toBe('answered');
    expect(await ask(alice, 'hold')).toBe('done');
    expect(await ask(alice, 'resume')).toBe('done');
    expect(await ask(bob, 'hold')).toBe('done');
    await ask(bob, 'hangUp');
    await alice.waitForFunction("page.story().includes('ended remote')");

    expect(await ask(bob, 'story')).toEqual([
      'message from sip:alice@127.0.0.1: Grüße aus dem Browser ☎',
      'incoming answered',
      'media recvonly, held',
      'media sendrecv',
      'media sendonly',
      'ended local',
    ]);
    expect(await ask(alice, 'story')).toEqual([
      'message from sip:bob@127.0.0.1: ebenso',
      'media sendonly',
      'media sendrecv',
      'media recvonly, held',
      'ended remote',
    ]);
  });
});
