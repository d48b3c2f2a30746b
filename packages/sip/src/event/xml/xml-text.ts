import { encodeUtf8 } from '../../message/utf8.ts';

/** What an attribute may be given; one that is undefined is left out. */
export type XmlAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text as it stands in an element or an attribute. What XML 1.0 cannot say at all (2.2) becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\t\n\r]/g, (character) => escapes[character] ?? character);
}

/** An element with content that is XML already. */
export function printElement(name: string, attributes: XmlAttributes, content: readonly string[] = []): string {
  let start = `<${name}`;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) start += ` ${attribute}="${escapeXml(String(value))}"`;
  }
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${name}>`;
}

/** An element that holds a text. */
export function printTextElement(name: string, text: string, attributes: XmlAttributes = {}): string {
  return printElement(name, attributes, [escapeXml(text)]);
}

/** The bytes of a document. */
export function printDocument(root: string): string {
  return encodeUtf8(`<?xml version="1.0" encoding="UTF-8"?>\r\n${root}\r\n`);
}
