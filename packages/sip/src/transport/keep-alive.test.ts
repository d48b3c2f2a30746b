import { describe, expect, test } from 'vitest';
import { CrlfKeepAlive } from './crlf-keep-alive.ts';
import { connectionInterval, datagramInterval, drawInterval, flowTimerInterval } from './keep-alive-interval.ts';
import { FixedRandom, ManualClock } from './manual-clock.testing.ts';
import { StunKeepAlive } from './stun-keep-alive.ts';
import { bindingResponse, parseStun } from './stun.ts';

describe('the interval', () => {
  test('is drawn between the bounds of RFC 5626', () => {
    expect(drawInterval(connectionInterval, new FixedRandom(0))).toBe(95_000);
    expect(drawInterval(connectionInterval, new FixedRandom(1))).toBe(120_000);
    expect(drawInterval(datagramInterval, new FixedRandom(0))).toBe(24_000);
    expect(drawInterval(flowTimerInterval(600), new FixedRandom(0))).toBe(480_000);
    expect(drawInterval(flowTimerInterval(600), new FixedRandom(1))).toBe(600_000);
  });
});

describe('CRLF', () => {
  function start(): { clock: ManualClock; keepAlive: CrlfKeepAlive; seen: string[] } {
    const clock = new ManualClock();
    const seen: string[] = [];
    const keepAlive = new CrlfKeepAlive(
      clock,
      new FixedRandom(0),
      () => seen.push('ping'),
      () => seen.push('failed'),
    );
    keepAlive.start(connectionInterval);
    return { clock, keepAlive, seen };
  }

  test('pings again after each pong', () => {
    const { clock, keepAlive, seen } = start();
    clock.advance(94_999);
    expect(seen).toEqual([]);
    expect(keepAlive.pong()).toBe(false);
    clock.advance(1);
    expect(keepAlive.pong()).toBe(true);
    clock.advance(95_000);
    expect(keepAlive.pong()).toBe(true);
    expect(seen).toEqual(['ping', 'ping']);
    keepAlive.stop();
    expect(clock.pending).toBe(0);
  });

  test('a pong that does not come within ten seconds is the end', () => {
    const { clock, seen } = start();
    clock.advance(95_000 + 9_999);
    expect(seen).toEqual(['ping']);
    clock.advance(1);
    expect(seen).toEqual(['ping', 'failed']);
  });

  test('a new Flow-Timer takes effect at once, but does not cut short the wait for a pong', () => {
    const { clock, keepAlive, seen } = start();
    keepAlive.start(flowTimerInterval(10));
    clock.advance(8_000);
    expect(seen).toEqual(['ping']);
    keepAlive.start(flowTimerInterval(100));
    clock.advance(10_000);
    expect(seen).toEqual(['ping', 'failed']);
  });
});

describe('STUN', () => {
  function start(): { clock: ManualClock; keepAlive: StunKeepAlive; sent: string[]; failures: () => number } {
    const clock = new ManualClock();
    const sent: string[] = [];
    let failures = 0;
    const keepAlive = new StunKeepAlive(
      clock,
      new FixedRandom(0),
      (text) => sent.push(text),
      () => (failures += 1),
    );
    keepAlive.start(datagramInterval);
    return { clock, keepAlive, sent, failures: () => failures };
  }

  function answer(keepAlive: StunKeepAlive, request: string | undefined, port: number): void {
    const parsed = parseStun(request ?? '');
    const text = parsed && bindingResponse(parsed, { address: '192.0.2.1', port });
    const response = parseStun(text ?? '');
    if (response === undefined) throw new Error('no STUN');
    keepAlive.answer(response);
  }

  test('is repeated seven times, then the flow has failed', () => {
    const { clock, sent, failures } = start();
    clock.advance(24_000);
    expect(sent).toHaveLength(1);
    clock.advance(31_500);
    expect(sent).toHaveLength(7);
    expect(new Set(sent).size).toBe(1);
    clock.advance(7_999);
    expect(failures()).toBe(0);
    clock.advance(1);
    expect(failures()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('goes on while the mapped address stays, and fails when it changes', () => {
    const { clock, keepAlive, sent, failures } = start();
    for (let round = 1; round <= 3; round += 1) {
      clock.advance(24_000);
      expect(sent).toHaveLength(round);
      answer(keepAlive, sent.at(-1), 4_000);
    }
    answer(keepAlive, sent.at(-1), 4_001);
    expect(failures()).toBe(0);
    clock.advance(24_000);
    answer(keepAlive, sent.at(-1), 4_001);
    expect(failures()).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
