import { SaxesParser, type SaxesAttributeNS } from 'saxes';
import { SyntaxFault } from '../../message/fault.ts';
import { decodeUtf8 } from '../../message/utf8.ts';

/** An element of a document: what event state is made of. */
export interface XmlElement {
  /** The URI of its namespace, '' for none. */
  readonly namespace: string;
  readonly name: string;
  /** Attributes without a prefix by their names, others as `{namespace}name`. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, that of its children left out. */
  readonly text: string;
}

/** How large a document may be. */
export interface XmlLimits {
  /** Bytes. */
  readonly size: number;
  readonly depth: number;
  readonly elements: number;
  /** Of one element. */
  readonly attributes: number;
}

/** The children of that name in the namespace of their parent. Those of others are nobody's business. */
export function childrenOf(parent: XmlElement, name: string, namespace = parent.namespace): XmlElement[] {
  return parent.children.filter((child) => child.namespace === namespace && child.name === name);
}

export const defaultXmlLimits: XmlLimits = { size: 65_536, depth: 16, elements: 4096, attributes: 32 };

interface OpenElement {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** Stops the parser at what is wrong; it never leaves {@link parseXml}. */
class Refusal extends Error {
  readonly fault: SyntaxFault;

  constructor(fault: SyntaxFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/**
 * Reads the bytes of a body as XML 1.0 with namespaces, in UTF-8. A document type declaration, and with it every entity
 * that is not XML's own, is refused, so is a document over the limits: 413.
 */
export function parseXml(body: string, limits: XmlLimits = defaultXmlLimits): XmlElement | SyntaxFault {
  if (body.length > limits.size) return tooLarge(`over ${String(limits.size)} bytes`);
  const reader = new XmlReader(limits);
  try {
    return reader.read(decodeUtf8(body));
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

class XmlReader {
  readonly #limits: XmlLimits;
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined = undefined;
  #elements = 0;
  #attributes = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
    const parser = this.#parser;
    parser.on('error', (error) => {
      throw this.#refusal(`not well-formed XML: ${error.message}`);
    });
    parser.on('doctype', () => {
      throw this.#refusal('a document type declaration');
    });
    parser.on('xmldecl', ({ encoding, version }) => {
      if (version !== '1.0' || !/^(?:utf-8|us-ascii)$/i.test(encoding ?? 'UTF-8')) {
        throw this.#refusal('neither XML 1.0 nor UTF-8');
      }
    });
    parser.on('opentagstart', () => {
      this.#elements += 1;
      this.#attributes = 0;
      if (this.#open.length >= limits.depth) throw new Refusal(tooLarge(`over ${String(limits.depth)} elements deep`));
      if (this.#elements > limits.elements) throw new Refusal(tooLarge(`over ${String(limits.elements)} elements`));
    });
    parser.on('attribute', () => {
      this.#attributes += 1;
      if (this.#attributes > limits.attributes) {
        throw new Refusal(tooLarge(`over ${String(limits.attributes)} attributes of one element`));
      }
    });
    parser.on('opentag', ({ uri, local, attributes }) => {
      this.#open.push({
        namespace: uri,
        name: local,
        attributes: attributesOf(Object.values(attributes)),
        children: [],
        text: '',
      });
    });
    parser.on('text', (text) => {
      this.#addText(text);
    });
    parser.on('cdata', (text) => {
      this.#addText(text);
    });
    parser.on('closetag', () => {
      const element = this.#open.pop();
      if (element === undefined) return;
      const parent = this.#open.at(-1);
      if (parent === undefined) this.#root = element;
      else parent.children.push(element);
    });
  }

  read(text: string): XmlElement | SyntaxFault {
    this.#parser.write(text).close();
    return this.#root ?? new SyntaxFault('no XML element');
  }

  #addText(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  #refusal(reason: string): Refusal {
    return new Refusal(new SyntaxFault(reason, this.#parser.position));
  }
}

function tooLarge(what: string): SyntaxFault {
  return new SyntaxFault(`a document ${what}`, 0, 413);
}

/** Declarations of namespaces are no attributes of the element. */
function attributesOf(attributes: readonly SaxesAttributeNS[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { prefix, local, uri, value, name } of attributes) {
    if (prefix === 'xmlns' || name === 'xmlns') continue;
    values.set(prefix === '' ? local : `{${uri}}${local}`, value);
  }
  return values;
}
