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
    expect(await ask(await chromium.open(), 'register', account('alice'))).toBe('done');
    expect(await exchange.metric('switchhook_registrations')).toBe(1);
    expect(await ask(await chromium.open(), 'register', account('bob', 'wrong'))).toBe('password');
  });

  test('messages both ways, and a call that is held, resumed and ended', async () => {
    const alice = await chromium.open();
    const bob = await chromium.open();
    expect(await ask(alice, 'register', account('alice'))).toBe('done');
    expect(await ask(bob, 'register', account('bob'))).toBe('done');

    expect(await ask(alice, 'message', 'bob', 'Grüße aus dem Browser ☎')).toBe('done');
    expect(await ask(bob, 'message', 'alice', 'ebenso')).toBe('done');
    expect(await ask(bob, 'message', 'nobody', 'hallo')).toBe('unknown');

    expect(await ask(alice, 'call', 'bob')).toBe('done');
    expect(await ask(alice, 'hold')).toBe('done');
    expect(await ask(alice, 'resume')).toBe('done');
    expect(await ask(bob, 'hold')).toBe('done');
    await ask(bob, 'hangUp');
    await alice.waitForFunction("page.story().includes('ended: hung-up')");

    expect(await ask(bob, 'story')).toEqual([
      'message from sip:alice@127.0.0.1: Grüße aus dem Browser ☎',
      'connected',
      'hold: there',
      'hold: no',
      'hold: here',
      'ended: hung-up',
    ]);
    expect(await ask(alice, 'story')).toEqual([
      'message from sip:bob@127.0.0.1: ebenso',
      'ringing',
      'connected',
      'hold: here',
      'hold: no',
      'hold: there',
      'ended: hung-up',
    ]);
    for (const tab of [alice, bob]) {
      const held = Object.entries((await ask(tab, 'stop')) ?? {}).filter(
        ([what, count]) => what !== 'listeners' && count !== 0,
      );
      expect(held).toEqual([]);
    }
  });

  test('a page that is loaded anew in a call hangs up first', async () => {
    const alice = await chromium.open();
    const bob = await chromium.open();
    expect(await ask(alice, 'register', account('alice'))).toBe('done');
    expect(await ask(bob, 'register', account('bob'))).toBe('done');
    expect(await ask(alice, 'call', 'bob')).toBe('done');
    await alice.reload();
    await bob.waitForFunction("page.story().includes('ended: hung-up')");
    await ask(bob, 'stop');
  });
});
