import type { Call } from '@switchhook/phone';
import type { TransportProtocol } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import { Office } from './simulated/office.testing.ts';
import type { Desk } from './simulated/office.testing.ts';

/** What becomes of a call when the machine of one of its phones gets another address. */

let office: Office;
let alice: Desk;
let bob: Desk;

async function connected(protocol: TransportProtocol): Promise<readonly [Call, Call]> {
  office = await Office.open(protocol);
  alice = await office.desk('alice', '192.0.2.1');
  bob = await office.desk('bob', '192.0.2.2');
  return office.connected(alice, bob);
}

afterEach(async () => {
  expect(await office.close()).toEqual([]);
});

/** The session descriptions that somebody has sent since then. */
function descriptions({ name }: Desk, since: number): string[] {
  const { entries } = office.town.network.trace;
  return entries
    .filter(({ time, from, text }) => time >= since && from.host === name && text.includes('\r\nm=audio'))
    .map(({ text }) => text.slice(text.indexOf('\r\n\r\n') + 4));
}

const linesOf = (text: string | undefined, pattern: RegExp): string | undefined => pattern.exec(text ?? '')?.[0];

describe.each<TransportProtocol>(['UDP', 'TCP', 'TLS'])('over %s, from another address', (protocol) => {
  test('a call is offered anew by way of the new registration, and is heard again on both sides', async () => {
    const [call, other] = await connected(protocol);
    const [before] = descriptions(alice, 0);
    const since = office.town.clock.now();
    alice.host.move(['198.51.100.7']);
    expect(await office.hearing(alice, bob)).toEqual([]);
    alice.changeNetwork();
    await office.play(2_000);
    expect(await office.hearing(alice, bob)).toEqual(['alice', 'bob']);

    const [after] = descriptions(alice, since);
    expect(linesOf(after, /^c=.*/m)).toBe('c=IN IP4 198.51.100.7');
    const version = (text: string | undefined): number => Number(linesOf(text, /(?<=^o=- \d+ )\d+/m));
    expect(version(after)).toBe(version(before) + 1);
    // What names the session stays (RFC 3264 8).
    expect(linesOf(after, /^o=- \d+ /m)).toBe(linesOf(before, /^o=- \d+ /m));

    await office.done(other.hold(), 5_000);
    await office.done(other.resume(), 5_000);
    expect(await office.hearing(alice, bob)).toEqual(['alice', 'bob']);
    await office.done(call.hangUp(), 5_000);
    expect(other.end).toEqual({ kind: 'hung-up', by: 'remote' });
  });

  test('a call on hold stays on hold, and is resumed from there', async () => {
    const [call] = await connected(protocol);
    await office.done(call.hold(), 5_000);
    alice.host.move(['198.51.100.7']);
    alice.changeNetwork();
    await office.play(2_000);
    expect([call.localHold, call.state]).toEqual([true, 'connected']);
    expect(await office.hearing(alice, bob)).toEqual([]);
    await office.done(call.resume(), 5_000);
    expect(await office.hearing(alice, bob)).toEqual(['alice', 'bob']);
    await office.done(call.hangUp(), 5_000);
  });
});
