import type { Clock, LogFields } from '@switchhook/sip';
import { beforeEach, describe, expect, test } from 'vitest';
import { CallLog } from './call-log.ts';

let now = 0;
const clock: Clock = { now: () => now, date: () => now, after: () => ({ cancel: () => undefined }) };
let lines: (LogFields | undefined)[];
const ignore = (): void => undefined;
const log = {
  debug: ignore,
  info: (_: string, fields?: LogFields) => void lines.push(fields),
  warn: ignore,
  error: ignore,
};
const seen = { callId: 'c', from: 'sip:alice@a', to: 'sip:bob@a', transport: 'TLS' } as const;
const call = { ...seen, callerTag: 't' };
const invite = { callId: 'c', fromTag: 't' };
beforeEach(() => {
  now = 0;
  lines = [];
});

describe('a call', () => {
  test('whose BYE never comes is given up after twelve hours', () => {
    const calls = new CallLog(clock, log, () => undefined);
    calls.started(call);
    calls.responded(invite, 200);
    now = 12 * 3_600_000 - 1;
    expect(calls.active).toBe(1);
    now += 1;
    expect(calls.active).toBe(0);
    expect(calls.counts().get('cut off')).toBe(1);
    expect(lines).toHaveLength(1);
  });

  test('whose BYE never comes is given up when others begin, too', () => {
    const calls = new CallLog(clock, log, () => undefined);
    calls.started(call);
    calls.responded(invite, 200);
    now = 12 * 3_600_000;
    calls.started({ ...call, callId: 'another' });
    expect(calls.counts().get('cut off')).toBe(1);
    now += 1;
    calls.started({ ...call, callId: 'a third' });
    expect(calls.active).toBe(2);
  });

  test('that is answered and hung up is one line, with its times', () => {
    const calls = new CallLog(clock, log, () => undefined);
    calls.started(call);
    now = 3_200;
    calls.responded({ callId: 'c', fromTag: 'guess' }, 403);
    calls.responded(invite, 200);
    calls.responded(invite, 200);
    expect(calls.status()).toEqual([{ ...seen, state: 'answered', since: 3 }]);
    now = 63_200;
    calls.hungUp({ callId: 'c', fromTag: 'guess', toTag: undefined });
    expect(calls.active).toBe(1);
    calls.hungUp({ callId: 'c', fromTag: 'other', toTag: 't' });
    calls.hungUp({ callId: 'c', fromTag: 'other', toTag: 't' });
    expect(lines).toEqual([{ ...seen, outcome: 'completed', status: undefined, ringing: 3.2, duration: 60 }]);
    expect(calls.active).toBe(0);
    expect(calls.counts().get('completed')).toBe(1);
  });

  test.each([
    [302, 'redirected'],
    [486, 'busy'],
    [600, 'busy'],
    [487, 'cancelled'],
    [408, 'no answer'],
    [480, 'unavailable'],
    [404, 'unknown address'],
    [603, 'declined'],
    [403, 'refused'],
    [500, 'failed'],
  ])('that ends with %i is %s', (status, outcome) => {
    const calls = new CallLog(clock, log, () => undefined);
    calls.started(call);
    calls.responded(invite, status);
    expect(lines[0]).toMatchObject({ outcome, status, duration: 0 });
  });

  test('that is open when the exchange stops is cut off', () => {
    const calls = new CallLog(clock, log, () => undefined);
    calls.started(call);
    calls.close();
    expect(lines[0]).toMatchObject({ outcome: 'cut off' });
  });
});

test('the oldest call gives way when too many are open: a hundred thousand (docs/limits.md)', () => {
  const calls = new CallLog(clock, log, () => undefined);
  for (let callId = 1; callId <= 100_000; callId++) calls.started({ ...call, callId: String(callId) });
  expect(lines).toEqual([]);
  calls.started({ ...call, callId: 'one more' });
  expect(calls.active).toBe(100_000);
  expect(lines).toMatchObject([{ callId: '1', outcome: 'cut off' }]);
});
