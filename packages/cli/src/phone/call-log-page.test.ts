import type { CallEnd, CallLogEntry } from '@switchhook/phone';
import { expect, test } from 'vitest';
import { callLogPage } from './call-log-page.ts';

const now = new Date(2026, 10, 27, 9, 30, 0).getTime();

function entry(begin: number, name: string, uri: string, end: CallEnd, seconds?: number): CallLogEntry {
  return {
    direction: 'incoming',
    remote: { name, uri },
    before: [],
    startedAt: begin,
    answeredAt: seconds === undefined ? undefined : begin,
    endedAt: begin + (seconds ?? 5) * 1_000,
    end,
  };
}

test('the columns of the call log stand below each other, the call that began last first', () => {
  const hungUp: CallEnd = { kind: 'hung-up', by: 'remote' };
  const long = entry(now - 100_000, 'bob', 'sip:bob@example.com', hungUp, 95);
  const lines = callLogPage(
    [
      { ...entry(now - 600_000, '鈴木', 'sip:bob@elsewhere.net', { kind: 'hung-up', by: 'local' }, 3_700) },
      { ...long, direction: 'outgoing' },
      entry(now - 50_000, 'Carol\u001b[2J', 'sip:carol@example.com', { kind: 'cancelled', by: 'remote' }),
      entry(now - 3 * 86_400_000, 'bob', 'sips:bob@example.com', hungUp, 5),
    ],
    'example.com',
    now,
  );
  expect(lines.map(({ head, text }) => `${head}|${text}`)).toEqual([
    '09:29:10     missed|Carol\ufffd[2J (carol)                  Carol\ufffd[2J gave up calling',
    '09:28:20     to    |bob                          1:35  bob hung up',
    '09:20:00     from  |鈴木 (bob@elsewhere.net)  1:01:40  you hung up on 鈴木',
    'Nov 24 09:30 from  |bob                          0:05  bob hung up',
  ]);
});

test('calls that nobody answered leave no gap, and none is said', () => {
  const missed = entry(now, 'bob', 'sip:bob@example.com', { kind: 'cancelled', by: 'remote' });
  expect(callLogPage([missed], 'example.com', now)[0]?.text).toBe('bob  bob gave up calling');
  expect(callLogPage([], 'example.com', now)).toEqual([{ head: '', text: 'No calls yet.' }]);
});
