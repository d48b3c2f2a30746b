import { DIGIT, HEX, isIn, lowerCase } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import { Parameters } from './parameters.ts';

const separators = /[-.()]/g;

function isSeparator(code: number): boolean {
  return code === 0x2d || code === 0x2e || code === 0x28 || code === 0x29;
}

/** Whether the text is a global number (RFC 3966 3): a plus sign, digits, visual separators. */
function isGlobalNumber(text: string): boolean {
  let digits = 0;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isIn(code, DIGIT)) digits++;
    else if (!isSeparator(code)) return false;
  }
  return digits > 0 && text.startsWith('+');
}

function isLocalNumber(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isIn(code, HEX) || code === 0x2a || code === 0x23) digits++;
    else if (!isSeparator(code)) return false;
  }
  return digits > 0;
}

/** A telephone number as a URI (RFC 3966). Immutable; prints as it came. */
export class TelUri {
  readonly scheme = 'tel';
  /** With a plus sign when global; visual separators as they came. */
  readonly number: string;
  readonly parameters: Parameters;
  readonly #text: string;

  private constructor(text: string, number: string, parameters: Parameters) {
    this.number = number;
    this.parameters = parameters;
    this.#text = text;
  }

  static parse(text: string): TelUri | SyntaxFault {
    if (lowerCase(text.slice(0, 4)) !== 'tel:') return new SyntaxFault('not a tel URI', 0, 416);
    const semicolon = text.indexOf(';');
    const numberEnd = semicolon < 0 ? text.length : semicolon;
    const number = text.slice(4, numberEnd);
    const parameters = Parameters.parseUri(text.slice(numberEnd));
    if (parameters instanceof SyntaxFault) return new SyntaxFault(parameters.reason, numberEnd + parameters.offset);
    if (isGlobalNumber(number)) return new TelUri(text, number, parameters);
    if (!isLocalNumber(number)) return new SyntaxFault('not a telephone number', 4);
    if (!parameters.get('phone-context')) return new SyntaxFault('a local number without phone-context', numberEnd);
    return new TelUri(text, number, parameters);
  }

  get isGlobal(): boolean {
    return this.number.startsWith('+');
  }

  /** The number without visual separators. */
  get digits(): string {
    return this.number.replace(separators, '');
  }

  /** The domain or the leading digits within which a local number is valid. */
  get phoneContext(): string | undefined {
    return this.parameters.get('phone-context');
  }

  /** The comparison of RFC 3966 4: separators, letter case and the order of parameters do not count. */
  equals(other: unknown): boolean {
    if (!(other instanceof TelUri)) return false;
    if (lowerCase(this.digits) !== lowerCase(other.digits)) return false;
    const [one, two] = [canonicalParameters(this.parameters), canonicalParameters(other.parameters)];
    return one.length === two.length && one.every((parameter, index) => parameter === two[index]);
  }

  toString(): string {
    return this.#text;
  }
}

function canonicalParameters(parameters: Parameters): string[] {
  const list: string[] = [];
  for (const [name, value] of parameters) {
    const isNumber = name === 'ext' || (name === 'phone-context' && value.startsWith('+'));
    list.push(`${name}=${lowerCase(isNumber ? value.replace(separators, '') : value)}`);
  }
  return list.sort();
}
