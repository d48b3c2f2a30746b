import { PhoneError } from '@switchhook/phone';
import type { PhoneEvent } from '@switchhook/phone';
import type { RegistrationState } from '@switchhook/sip';
import { beforeEach, expect, test } from 'vitest';
import { Narrator } from './narrator.ts';

let now: number;
let narrator: Narrator;

beforeEach(() => {
  now = 1_000_000;
  narrator = new Narrator(() => now);
});

function registration(state: RegistrationState): string | undefined {
  return narrator.tell({ kind: 'registration', registration: state })?.text;
}

/** A server that has gone, at `now`. */
function away(code: 'refused' | 'timeout' = 'refused'): string | undefined {
  registration({ kind: 'registering' });
  return registration({ kind: 'failed', failure: { status: 503, reason: '', code }, retryAt: now + 30_000 });
}

function back(): string | undefined {
  registration({ kind: 'registering' });
  return registration({ kind: 'registered', until: now + 60_000 });
}

test('an exchange that is away for a night is told when it goes, and when it is back after how long', () => {
  expect(back()).toBe('registered');
  expect(back()).toBeUndefined();
  expect(away()).toMatch(/^not registered: the exchange cannot be reached, .*is it running.*tried again by itself/);
  for (let minute = 0; minute < 8 * 60; minute++) {
    now += 60_000;
    expect(away()).toBeUndefined();
  }
  now += 5_000;
  expect(back()).toBe('registered again, after 8:00:05');
  expect(away()).toContain('not registered');
});

test('another reason is told, and the time goes on', () => {
  away();
  now += 10_000;
  expect(away('timeout')).toContain('did not answer');
  now += 10_000;
  expect(away()).toContain('the connection was refused');
  now += 10_000;
  expect(back()).toBe('registered again, after 0:30');
});

test('who is told to stay away has not lost his exchange', () => {
  back();
  expect(registration({ kind: 'unregistered' })).toBe('no longer registered');
  expect(registration({ kind: 'unregistered' })).toBeUndefined();
  now += 10_000;
  expect(back()).toBe('registered');
});

function turnedAway(name: string): PhoneEvent {
  return { kind: 'turned-away', from: { name, uri: 'sip:bob@example.com' }, status: 486 };
}

test('what the end of a call has told is not told twice', () => {
  const busy = new PhoneError({ kind: 'busy', status: 486 }, 'bob');
  // Any event whose sentence begins so does.
  narrator.tell(turnedAway('bob is busy (486), it was said: he'));
  expect(narrator.failed('call', busy)).toBeUndefined();
  expect(narrator.failed('pickup', busy)).toBeUndefined();
  expect(narrator.failed('transfer', busy)?.text).toBe('transfer: bob is busy (486)');
  expect(narrator.failed('call', busy)?.text).toBe('call: bob is busy (486)');
  expect(narrator.failed('call', new PhoneError({ kind: 'cancelled' }, 'bob'))).toBeUndefined();
  expect(narrator.failed('hold', new PhoneError({ kind: 'cancelled' }, 'bob'))?.text).toContain('hold: ');
  expect(narrator.failed('call', new Error('no'))?.text).toBe('call: no');
});

test('who may not pick up is told who says so, though the end of the call was told', () => {
  const forbidden = new PhoneError({ kind: 'forbidden', status: 403 }, 'bob');
  narrator.tell(turnedAway(forbidden.message));
  expect(narrator.failed('pickup', forbidden)?.text).toBe(
    'pickup: it is not allowed at bob (403); the telephone that has called says by --group who may',
  );
  expect(narrator.failed('call', forbidden)?.text).toBe('call: it is not allowed at bob (403)');
});

test('what others wrote cannot write on the screen', () => {
  expect(narrator.tell(turnedAway('\u001b[2Jbob'))?.text).not.toContain('\u001b');
});
