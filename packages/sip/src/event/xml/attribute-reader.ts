import { scanNumber } from '../../message/characters.ts';
import { SyntaxFault } from '../../message/fault.ts';
import { parseUri } from '../../message/uri.ts';
import type { XmlElement } from './xml-element.ts';

/** Reads attributes, and remembers the first that is not what it has to be. */
export class AttributeReader {
  fault: SyntaxFault | undefined = undefined;

  fail(reason: string): void {
    this.fault ??= new SyntaxFault(reason);
  }

  text(element: XmlElement, name: string): string {
    const value = element.attributes.get(name);
    if (value === undefined) this.fail(`${element.name} without ${name}`);
    return value ?? '';
  }

  oneOf<T extends string>(element: XmlElement, name: string, values: readonly [T, ...T[]]): T {
    const text = element.attributes.get(name);
    const found = values.find((value) => value === text);
    if (found === undefined) this.fail(`the ${name} of ${element.name} is not ${values.join(', ')}`);
    return found ?? values[0];
  }

  number(element: XmlElement, name: string, maximum: number): number | undefined {
    return this.#number(element, name, this.text(element, name), maximum);
  }

  optionalNumber(element: XmlElement, name: string): number | undefined {
    const text = element.attributes.get(name);
    return text === undefined ? undefined : this.#number(element, name, text, Number.MAX_SAFE_INTEGER);
  }

  /** The number that an element holds. */
  content(element: XmlElement): number | undefined {
    return this.#number(element, 'content', element.text, Number.MAX_SAFE_INTEGER);
  }

  uri(text: string): string {
    if (parseUri(text) instanceof SyntaxFault) this.fail('no URI where one has to be');
    return text;
  }

  distinct(items: readonly { readonly id: string }[], what: string): void {
    if (new Set(items.map(({ id }) => id)).size < items.length) this.fail(`two ${what} with the same id`);
  }

  #number(element: XmlElement, name: string, text: string, maximum: number): number | undefined {
    const digits = text.trim();
    const value = scanNumber(digits, 0, digits.length, maximum);
    if (value >= 0) return value;
    this.fail(`the ${name} of ${element.name} is not a number up to ${String(maximum)}`);
    return undefined;
  }
}
