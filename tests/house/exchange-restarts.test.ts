import type { Call } from '@switchhook/phone';
import type { TransportProtocol } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { Office } from './simulated/office.testing.ts';
import type { Desk } from './simulated/office.testing.ts';

/** What becomes of calls in progress when the exchange ends without a word and comes back. */

let office: Office;
let alice: Desk;
let bob: Desk;

async function open(protocol: TransportProtocol): Promise<void> {
  office = await Office.open(protocol);
  alice = await office.desk('alice', '192.0.2.1');
  bob = await office.desk('bob', '192.0.2.2');
}

afterEach(async () => {
  expect(await office.close()).toEqual([]);
});

/** A call that has stood for a while. */
async function connected(): Promise<readonly [Call, Call]> {
  const calls = await office.connected(alice, bob);
  await office.play(30_000);
  return calls;
}

/** The exchange is away for so long. */
async function restart(milliseconds: number): Promise<void> {
  await office.exchange.halt();
  await office.play(milliseconds);
  await office.exchange.start();
}

describe.each<TransportProtocol>(['UDP', 'TCP', 'TLS'])('over %s, after the exchange was away', (protocol) => {
  test('a call is heard all the time, is held and resumed from both sides, and hung up', async () => {
    await open(protocol);
    const [call, other] = await connected();
    await restart(2_000);
    expect(await office.hearing(alice, bob)).toEqual(['alice', 'bob']);
    await office.done(call.hold(), 32_000);
    expect([call.localHold, other.remoteHold]).toEqual([true, true]);
    expect(await office.hearing(alice, bob)).toEqual([]);
    await office.done(call.resume(), 5_000);
    await office.done(other.hold(), 5_000);
    await office.done(other.resume(), 5_000);
    expect(await office.hearing(alice, bob)).toEqual(['alice', 'bob']);
    await office.done(other.hangUp(), 5_000);
    expect([call.end, other.end]).toEqual([
      { kind: 'hung-up', by: 'remote' },
      { kind: 'hung-up', by: 'local' },
    ]);
  });

  test('a call that is hung up at once is over for both', async () => {
    await open(protocol);
    const [call, other] = await connected();
    await restart(1_000);
    await office.done(call.hangUp(), 40_000);
    expect(other.end).toEqual({ kind: 'hung-up', by: 'remote' });
  });

  test('a call that is hung up while it is away is over for both once it is back', async () => {
    await open(protocol);
    const [call, other] = await connected();
    await office.exchange.halt();
    await office.play(500);
    const hungUp = call.hangUp();
    expect(call.state).toBe('ended');
    await office.play(3_000);
    expect(other.state).toBe('connected');
    await office.exchange.start();
    await office.done(hungUp, 40_000);
    await office.play(5_000);
    // Bob misses her after ten seconds, and so may find out by himself.
    expect(other.state).toBe('ended');
  });
});
