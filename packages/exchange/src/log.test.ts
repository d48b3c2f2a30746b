import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createLog, forPeople } from './log.ts';

const time = new Date(2026, 0, 2, 12, 0, 1).toISOString();

test.each(['debug', 'info', 'warn', 'error'])('a line of level %s is readable on a terminal', (level) => {
  const line = { level, time, from: 'sip:alice@a', duration: 2, msg: 'call' };
  expect(forPeople(JSON.stringify(line))).toBe(`12:00:01 ${level} call from=sip:alice@a duration=2\n`);
});

test('values with spaces are in quotes, and nothing moves the cursor', () => {
  const line = { level: 'info', time, outcome: 'no answer', reason: '', from: 'a\u001b[2Jb', msg: 'call' };
  expect(forPeople(JSON.stringify(line))).toBe('12:00:01 info call outcome="no answer" reason="" from=a\ufffd[2Jb\n');
});

describe('what is written where', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'switchhook-log-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  }

  test('what was logged is there when the log is closed', async () => {
    const path = join(folder(), 'log');
    const log = createLog('info', openSync(path, 'w'));
    log.info('call', { from: 'sip:alice@a' });
    await log.close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ level: 'info', msg: 'call', from: 'sip:alice@a' });
  });

  test('a line is written half a second later at the latest, and nothing wakes up when there is none', async () => {
    const path = join(folder(), 'log');
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const log = createLog('info', openSync(path, 'w'));
    expect(vi.getTimerCount()).toBe(0);
    log.info('one');
    log.info('two');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(vi.getTimerCount()).toBe(0);
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toMatch(/"msg":"one".*\n.*"msg":"two"/));
    vi.useRealTimers();
    await log.close();
  });

  test.skipIf(process.platform !== 'linux')('what finds no room is tried again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const log = createLog('info', openSync('/dev/full', 'w'));
    log.info('one');
    for (let times = 0; times < 3; times += 1) {
      vi.advanceTimersByTime(500);
      await vi.waitUntil(() => vi.getTimerCount() === 1, { interval: 1 });
    }
    vi.useRealTimers();
    await log.close();
  });

  test.skipIf(process.platform !== 'linux')(
    'a full disk stops nobody, nor does it keep the log from closing',
    async () => {
      const log = createLog('info', openSync('/dev/full', 'w'));
      for (let line = 0; line < 1_000; line += 1) log.info('call', { line });
      await log.close();
    },
  );

  test.skipIf(process.platform === 'win32')('a reader who takes nothing any more does not keep it either', async () => {
    const path = join(folder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(reader));
    const log = createLog('info', openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    for (let line = 0; line < 2_000; line += 1) log.info('call', { line, text: 'x'.repeat(100) });
    await log.close();
  });

  test.skipIf(process.platform === 'win32')('nor does one who has gone', async () => {
    const path = join(folder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = createLog('info', openSync(path, 'w'));
    closeSync(reader);
    log.info('draining');
    await log.close();
  });
});
