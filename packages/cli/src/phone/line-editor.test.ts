import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edited, emptyLine, entered, inserted, lineLength, withText } from './line-editor.ts';
import type { Key, LineEditor } from './line-editor.ts';

function key(name: string, modifiers: Partial<Key> = {}): Key {
  return { name, ctrl: false, meta: false, sequence: name.length === 1 ? name : `\u001b[${name}`, ...modifiers };
}

function press(editor: LineEditor, ...keys: readonly (string | Key)[]): LineEditor {
  return keys.reduce((now, each) => edited(now, typeof each === 'string' ? key(each) : each), editor);
}

/** The text with a bar where the cursor is. */
function shown({ text, cursor }: LineEditor): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const ctrl = (name: string): Key => key(name, { ctrl: true, sequence: '\u0001' });
const meta = (name: string): Key => key(name, { meta: true, sequence: `\u001b${name}` });

describe('the line editor', () => {
  test.each<[string, (string | Key)[], string]>([
    ['typing', ['a', 'b', 'c'], 'abc|'],
    ['moving and typing', ['a', 'c', 'left', 'b'], 'ab|c'],
    ['home and end', ['b', 'c', 'home', 'a', 'end', 'd'], 'abcd|'],
    ['backspace', ['a', 'b', 'backspace'], 'a|'],
    ['backspace at the start', ['a', 'home', 'backspace'], '|a'],
    ['delete', ['a', 'b', 'home', 'delete'], '|b'],
    ['Ctrl-A, Ctrl-E', ['b', ctrl('a'), 'a', ctrl('e'), 'c'], 'abc|'],
    ['Ctrl-U', ['a', 'b', 'left', ctrl('u')], '|b'],
    ['Ctrl-K', ['a', 'b', 'left', ctrl('k')], 'a|'],
    ['what is no character', ['a', 'f5', key('return', { sequence: '\r' }), key('tab', { sequence: '\t' })], 'a|'],
  ])('%s', (_, keys, result) => {
    expect(shown(press(emptyLine, ...keys))).toBe(result);
  });

  test('goes and erases by words', () => {
    const line = withText(emptyLine, 'call bob now');
    expect(shown(press(line, ctrl('w')))).toBe('call bob |');
    expect(shown(press(line, ctrl('w'), ctrl('w')))).toBe('call |');
    expect(shown(press(line, meta('b'), meta('b')))).toBe('call |bob now');
    expect(shown(press(line, 'home', meta('f'), meta('d')))).toBe('call| now');
  });

  test('takes what people see as one character for one', () => {
    const family = '👩‍👩‍👧';
    const line = inserted(emptyLine, `a${family}é`);
    expect(shown(press(line, 'left'))).toBe(`a${family}|é`);
    expect(shown(press(line, 'left', 'left'))).toBe(`a|${family}é`);
    expect(shown(press(line, 'left', 'backspace'))).toBe('a|é');
    expect(shown(press(line, 'home', 'right', 'delete'))).toBe('a|é');
  });

  test('remembers lines, each once in a row, and what was being written', () => {
    let line = entered(withText(emptyLine, 'call bob'));
    line = entered(withText(line, 'call bob'));
    line = entered(withText(line, 'hold'));
    line = entered(withText(line, '  '));
    expect(line.history).toEqual(['call bob', 'hold']);
    line = withText(line, 'ans');
    expect(shown(press(line, 'up'))).toBe('hold|');
    expect(shown(press(line, 'up', 'up', 'up'))).toBe('call bob|');
    expect(shown(press(line, 'up', 'up', 'down', 'down', 'down'))).toBe('ans|');
  });

  test('puts a paste in without what terminals obey, and not without end', () => {
    expect(inserted(emptyLine, 'a\u001b[2J\r\nb').text).toBe('a [2J b');
    expect(inserted(emptyLine, 'x'.repeat(10_000)).text).toHaveLength(lineLength);
  });

  test('whatever keys are pressed, the cursor is in the text and no control character is', () => {
    const names = ['left', 'right', 'home', 'end', 'backspace', 'delete', 'up', 'down', 'a', 'b', 'w', 'k', 'u', 'd'];
    const anyKey = fc.record({
      name: fc.oneof(fc.constantFrom(...names), fc.string()),
      ctrl: fc.boolean(),
      meta: fc.boolean(),
      sequence: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(fc.array(anyKey), (keys) => {
        const { text, cursor } = press(entered(withText(emptyLine, 'before')), ...keys);
        expect(cursor).toBeGreaterThanOrEqual(0);
        expect(cursor).toBeLessThanOrEqual(text.length);
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
