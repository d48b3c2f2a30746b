import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../../message/fault.ts';
import { encodeUtf8 } from '../../message/utf8.ts';
import { defaultXmlLimits, parseXml, type XmlElement } from './xml-element.ts';
import { printDocument, printElement, printTextElement } from './xml-text.ts';

function read(text: string): XmlElement {
  const element = parseXml(text);
  if (element instanceof SyntaxFault) throw new Error(element.reason);
  return element;
}

describe('parseXml', () => {
  test('gives elements with their namespaces, attributes and texts', () => {
    const root = read(
      '<?xml version="1.0" encoding="UTF-8"?><!-- c --><a:x xmlns:a="urn:a" xmlns="urn:b" one="1" a:two="2">' +
        'te<y/>xt<![CDATA[ & ]]>&lt;&#228;</a:x>',
    );
    expect(root).toMatchObject({ namespace: 'urn:a', name: 'x', text: 'text & <ä' });
    expect([...root.attributes]).toEqual([
      ['one', '1'],
      ['{urn:a}two', '2'],
    ]);
    expect(root.children).toMatchObject([{ namespace: 'urn:b', name: 'y', text: '' }]);
  });

  test('takes bytes of UTF-8, with a byte order mark or without', () => {
    expect(read(encodeUtf8('\ufeff<a>Jürgen 電話</a>')).text).toBe('Jürgen 電話');
  });

  test('an attribute with the name of what every object has is one like others', () => {
    const { attributes } = read('<a __proto__="1" constructor="2"/>');
    expect([...attributes]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });

  test.each([
    ['nothing', ''],
    ['no element', '<?xml version="1.0"?>'],
    ['an element that does not end', '<a><b></a>'],
    ['two elements', '<a/><b/>'],
    ['a bare ampersand', '<a>&</a>'],
    ['an entity that nobody has declared', '<a>&nbsp;</a>'],
    ['a namespace that nobody has declared', '<p:a/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['a control character', '<a>\u0001</a>'],
    ['text around the element', 'x<a/>'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ['XML 1.1', '<?xml version="1.1"?><a/>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['a file from outside', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    [
      'an entity bomb',
      `<!DOCTYPE a [<!ENTITY x0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY x${String(i + 1)} "&x${String(i)};&x${String(i)};">`).join('')}]><a>&x30;</a>`,
    ],
  ])('refuses %s', (_, text) => {
    expect(parseXml(text)).toMatchObject({ status: 400 });
  });

  test.each([
    ['bytes', `<a>${' '.repeat(defaultXmlLimits.size)}</a>`],
    ['depth', '<a>'.repeat(17) + '</a>'.repeat(17)],
    ['elements', `<a>${'<b/>'.repeat(4096)}</a>`],
    ['attributes', `<a ${Array.from({ length: 33 }, (_, i) => `a${String(i)}=""`).join(' ')}/>`],
  ])('refuses too much of %s with 413', (_, text) => {
    expect(parseXml(text)).toMatchObject({ status: 413 });
  });

  test('takes what is just within the limits', () => {
    expect(parseXml('<a>'.repeat(16) + '</a>'.repeat(16))).not.toBeInstanceOf(SyntaxFault);
    expect(parseXml(`<a>${'<b/>'.repeat(4095)}</a>`)).not.toBeInstanceOf(SyntaxFault);
  });

  test('no text throws', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '<a',
      '<!',
      '<!--',
      ']]>',
      '<![CDATA[',
      '&',
      ';',
      '"',
      '=',
      ' x',
      '<?xml',
      '?>',
      ':',
      '\0',
      '\r',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }), (texts) => {
        parseXml(encodeUtf8(texts.join('')));
      }),
    );
  });
});

/** Any text that XML can say. */
const texts = fc
  .string({ unit: 'binary' })
  .map((text) => text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, ''));

describe('printDocument', () => {
  test('what is printed reads as what was meant', () => {
    fc.assert(
      fc.property(texts, texts, (attribute, text) => {
        const root = read(printDocument(printElement('a', { b: attribute }, [printTextElement('c', text)])));
        expect(root.attributes.get('b')).toBe(attribute);
        expect(root.children[0]?.text).toBe(text);
      }),
    );
  });

  test('what XML cannot say becomes a mark', () => {
    expect(read(printDocument(printTextElement('a', '1\u00002\ud8003'))).text).toBe('1\ufffd2\ufffd3');
  });
});
