import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test.each([
  ['sip:alice@example.com', 'sip:alice@example.com'],
  ['Bj\u00f6rn \u65e5\u672c', 'Bj\u00f6rn \u65e5\u672c'],
  ['\u001b[2J\u001b]0;x\u0007', '\ufffd[2J\ufffd]0;x\ufffd'],
  ['\u009b31m\u007f', '\ufffd31m\ufffd'],
  ['bob\u202ecod.exe', 'bob\ufffdcod.exe'],
  ['a\r\nb\tc', 'a\ufffd\ufffdb\ufffdc'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
