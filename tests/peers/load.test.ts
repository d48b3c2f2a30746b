import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { freePort } from './support/ports.ts';
import { describeWithPeers } from './support/presence.ts';
import { Sipp } from './support/sipp.ts';

const registrations = 10_000;
const calls = 5_000;
const users = Array.from({ length: registrations }, (_, index) => `user${index}`);

describeWithPeers('SIPp registers 10,000 contacts and calls at load', ['sipp'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-load-'));
  let exchange: ExchangeProcess;
  let answering: number;

  beforeAll(async () => {
    answering = await freePort();
    const lines = users.map(
      (user) => `${user};[authentication username=${user} password=${passwordOf(user)}];${answering}`,
    );
    writeFileSync(join(directory, 'users.csv'), `SEQUENTIAL\n${lines.join('\n')}\n`);
    exchange = await ExchangeProcess.start({
      directory,
      subscribers: users,
      configuration: { log: { level: 'warn' } },
    });
  });

  afterAll(async () => {
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('every registration is answered 200 and counted', async () => {
    const sipp = await Sipp.start({
      directory,
      scenario: 'register-digest',
      remote: `127.0.0.1:${exchange.ports.udp}`,
      arguments: ['-inf', join(directory, 'users.csv'), '-m', String(registrations), '-r', '400', '-l', '2000'],
    });
    expect(await sipp.finished()).toEqual({ successful: registrations, failed: 0, retransmissions: 0 });
    expect(await exchange.metric('switchhook_registrations')).toBe(registrations);
  });

  test('every call at 200 a second is set up and ended, and nothing is retransmitted', async () => {
    const callee = await Sipp.start({ directory, scenario: 'answer', port: answering });
    const caller = await Sipp.start({
      directory,
      scenario: 'call',
      remote: `127.0.0.1:${exchange.ports.udp}`,
      arguments: ['-s', 'user77', '-m', String(calls), '-r', '200', '-d', '200', '-l', '2000'],
    });
    try {
      expect(await caller.finished()).toEqual({ successful: calls, failed: 0, retransmissions: 0 });
      expect(callee.counts()).toMatchObject({ failed: 0, retransmissions: 0 });
    } finally {
      await callee.stop();
    }
  });
});
