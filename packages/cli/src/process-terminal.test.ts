import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { processTerminal } from './process-terminal.ts';

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
  stop();
  keyboard.write('\n');
  await new Promise((resolve) => void setImmediate(resolve));
  expect(entered).toBe(2);
});
