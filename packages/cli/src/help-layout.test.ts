import { expect, test } from 'vitest';
import { run } from './index.ts';
import { laidOut } from './help-layout.ts';
import type { Terminal } from './command.ts';

const commands = [
  ...['phone', 'dial', 'serve', 'users', 'status', 'set', 'codes', 'explain', 'ladder', 'flow', 'config'],
  undefined,
];

async function helpOf(command: string | undefined, columns: number | undefined): Promise<string> {
  let printed = '';
  const terminal: Terminal = {
    columns,
    print: (text) => void (printed += text),
    complain: (text) => expect.fail(text),
    askSecret: () => Promise.resolve(undefined),
    readStandardInput: () => Promise.resolve(''),
    onEnter: () => () => undefined,
  };
  await run(command === undefined ? ['--help'] : [command, '--help'], terminal);
  return printed;
}

const words = (text: string): string[] => text.split(/\s+/);

test.each(commands)('the help of %s fits terminals of 80, 60 and 42 columns, and says the same', async (command) => {
  const whole = await helpOf(command, undefined);
  expect(await helpOf(command, 200)).toBe(whole);
  for (const columns of [80, 60, 42]) {
    const help = await helpOf(command, columns);
    expect(words(help)).toEqual(words(whole));
    // What is to be typed is never broken.
    const typed = /^(?:Usage:| {7}switchhook | {2}(?:switchhook|npm|xdg|printf|echo|COMMAND) )/;
    for (const line of help.split('\n')) if (!typed.test(line)) expect(line.length, line).toBeLessThanOrEqual(columns);
  }
});

test('what is said of an option stands beside it where there is room, else below it', () => {
  const help = 'Usage: x\n\n  -a, --all   says of everything what there is to be said,\n              and more\n';
  expect(laidOut(help, 60)).toBe(help);
  expect(laidOut(help, 50)).toBe(
    'Usage: x\n\n  -a, --all\n        says of everything what there is to be\n        said, and more\n',
  );
  expect(
    laidOut(`${help}${'x'.repeat(3)}: ${'y '.repeat(40)}`, 62)
      .split('\n')
      .at(-1),
  ).toMatch(/^y y/);
});
