import { expect, test } from 'vitest';
import { inAscii, showsUnicode } from './locale.ts';

test.each([
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
  // An empty one counts as none.
  [{ LANG: 'C.UTF-8', LC_ALL: '', LC_CTYPE: '' }, true],
  [{ LANG: 'C', LC_CTYPE: 'en_GB.UTF-8' }, true],
])('a terminal of %j shows more than ASCII: %s', (environment, expected) => {
  expect(showsUnicode(environment, 'linux')).toBe(expected);
  expect(showsUnicode(environment, 'darwin')).toBe(true);
});

test('a ladder is drawn with what there is', () => {
  expect(inAscii('|--- INVITE F1 -->|  ✓\n|<-- 200 …|  ✗ Jürgen 🙂\n')).toBe(
    '|--- INVITE F1 -->|  +\n|<-- 200 ...|  x J?rgen ?\n',
  );
});
