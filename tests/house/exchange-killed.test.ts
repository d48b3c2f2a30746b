import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPhone } from '@switchhook/phone/node';
import type { Phone } from '@switchhook/phone';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExchangeProcess, passwordOf } from '../peers/support/exchange-process.ts';

/** Real phones in a call by way of the real exchange, which is killed and started again. */

let directory: string;
let exchange: ExchangeProcess;
let phones: Phone[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'switchhook-killed-'));
  exchange = await ExchangeProcess.start({ directory });
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  for (const phone of phones) expect(Object.values(phone.stats()).every((count) => count === 0)).toBe(true);
  phones = [];
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function phone(user: string): Promise<Phone> {
  const made = await startPhone({
    addressOfRecord: `sips:${user}@127.0.0.1`,
    password: passwordOf(user),
    outboundProxies: [`sips:127.0.0.1:${String(exchange.ports.tls)}`],
    transports: ['TLS'],
    authorities: [readFileSync(exchange.certificateAuthority, 'utf8')],
    sound: { address: '127.0.0.1' },
  });
  phones.push(made);
  made.onIncomingCall((call) => void call.answer());
  await made.register();
  return made;
}

/** Resolves when the registration of a phone is no longer, or again, as it is wanted. */
function until(made: Phone, kind: Phone['registration']['kind']): Promise<void> {
  return new Promise((resolve) => {
    if (made.registration.kind === kind) resolve();
    else {
      const end = made.onEvent((event) => {
        if (event.kind !== 'registration' || event.registration.kind !== kind) return;
        end();
        resolve();
      });
    }
  });
}

test(
  'a call is held, resumed and hung up after the exchange was killed and came back',
  { timeout: 120_000 },
  async () => {
    const [alice, bob] = [await phone('alice'), await phone('bob')];
    const call = await alice.call(bob.addressOfRecord);
    const [other] = bob.calls;
    if (other === undefined) throw new Error('bob has no call');
    const gone = [until(alice, 'failed'), until(bob, 'failed')];
    await exchange.process.stop('SIGKILL');
    await Promise.all(gone);
    await exchange.restart();
    // Nobody registers by hand: what is asked of the call sees to it.
    await call.hold();
    expect(other.remoteHold).toBe(true);
    await other.hold();
    await call.resume();
    await other.resume();
    expect([call.localHold, call.remoteHold]).toEqual([false, false]);
    await Promise.all([until(alice, 'registered'), until(bob, 'registered')]);
    const ended = new Promise((resolve) => other.onEvent((event) => event.kind === 'ended' && resolve(event.end)));
    await call.hangUp();
    expect(await ended).toEqual({ kind: 'hung-up', by: 'remote' });
  },
);
