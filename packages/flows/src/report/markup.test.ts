import { expect, test } from 'vitest';
import { markup, nothing, readable, visible } from './markup.ts';

test('what is put into a template is escaped, in text and in attributes', () => {
  const text = `"'><script>alert(1)</script>&amp;`;
  expect(markup`<a title="${text}">${text}</a>`.text).toBe(
    '<a title="&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;">&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</a>',
  );
});

test('what a template has made is taken as it is, alone and in lists', () => {
  const inner = markup`<b>${'<'}</b>`;
  expect(markup`<p>${[inner, '>', 7]}${nothing}${undefined}</p>`.text).toBe('<p><b>&lt;</b>&gt;7</p>');
});

test.each([
  ['\0', '⟨U+0000⟩'],
  ['a\u202eb', 'a⟨U+202E⟩b'],
  ['\u200b\ufeff\u2028\u2066', '⟨U+200B⟩⟨U+FEFF⟩⟨U+2028⟩⟨U+2066⟩'],
  ['bob\u3164\u115f\u034f\ufe0f', 'bob⟨U+3164⟩⟨U+115F⟩⟨U+034F⟩⟨U+FE0F⟩'],
  ['a\u00a0b\u3000\u2800 c', 'a⟨U+00A0⟩b⟨U+3000⟩⟨U+2800⟩ c'],
  ['\ud800', '⟨U+D800⟩'],
  ['\uffff', '⟨U+FFFF⟩'],
  ['\r\n\t', '⟨U+000D⟩\n\t'],
  ['Bjørn 日本 🙂 عربي', 'Bjørn 日本 🙂 عربي'],
])('%j is seen as %s', (text, seen) => {
  expect(visible(text)).toBe(seen);
});

test.each([
  ['Bj\xc3\xb8rn', 'Bjørn'],
  ['\xff\xfe', '\ufffd\ufffd'],
  ['plain', 'plain'],
  ['expected …', 'expected …'],
])('of the bytes %j people read %s', (bytes, text) => {
  expect(readable(bytes)).toBe(text);
});
