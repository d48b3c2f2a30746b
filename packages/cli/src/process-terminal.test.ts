import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endWithReader, processTerminal } from './process-terminal.ts';

/** A keyboard that Ctrl-C comes from as a key. */
class FakeKeyboard extends PassThrough {
  readonly isTTY = true;
  raw = false;

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }
}

let keyboard: FakeKeyboard;

beforeEach(() => {
  keyboard = new FakeKeyboard();
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(keyboard as unknown as typeof process.stdin);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('a secret is what is typed', async () => {
  const asked = processTerminal.askSecret('Password: ');
  keyboard.write('secret\r');
  expect(await asked).toBe('secret');
  expect(keyboard.raw).toBe(false);
});

test('Ctrl-D gives no secret', async () => {
  const asked = processTerminal.askSecret('Password: ');
  keyboard.write('\u0004');
  expect(await asked).toBe('');
});

test('Ctrl-C at the question for a secret ends the process, and the terminal is as it was', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const asked = processTerminal.askSecret('Password: ');
  keyboard.write('\u0003');
  await asked;
  expect(kill).toHaveBeenCalledWith(process.pid, 'SIGINT');
  expect(keyboard.raw).toBe(false);
});

test('Enter is told until nobody wants to know', async () => {
  let entered = 0;
  const told = Promise.withResolvers<undefined>();
  const stop = processTerminal.onEnter(() => {
    entered += 1;
    if (entered === 2) told.resolve(undefined);
  });
  keyboard.write('\nyes\n');
  await told.promise;
  stop?.();
  keyboard.write('\n');
  await new Promise((resolve) => void setImmediate(resolve));
  expect(entered).toBe(2);
});

test.each([
  ['EPIPE', undefined],
  ['ENOSPC', 'switchhook: what is printed cannot be written: no space left on device\n'],
])('where what is printed goes nowhere (%s) the process is asked to end, once', (code, said) => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const before = [process.stdout, process.stderr].map((stream) => stream.listeners('error'));
  endWithReader();
  const failure = Object.assign(new Error('no space left on device'), { code });
  process.stdout.emit('error', failure);
  process.stdout.emit('error', failure);
  process.stderr.emit('error', failure);
  for (const [index, stream] of [process.stdout, process.stderr].entries()) {
    const added = stream.listeners('error').filter((listener) => before[index]?.includes(listener) !== true);
    for (const listener of added) stream.off('error', listener as () => void);
  }
  expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
  expect(vi.mocked(process.stderr.write).mock.calls.map(([text]) => text)).toEqual(said === undefined ? [] : [said]);
});
