import { scanNumber } from '../../characters.ts';
import { SyntaxFault } from '../../fault.ts';
import { Parameters } from '../../parameters.ts';
import { printInteger, printQuality } from '../../printing.ts';

/** The largest value of a delta-seconds and of the sequence numbers that fit in 32 bits. */
export const MAXIMUM_UINT32 = 0xffff_ffff;

/** Takes the parameters that a header field defines out of those that came, and remembers the first bad one. */
export class KnownParameters {
  /** The parameters that nobody has taken. */
  rest: Parameters;
  fault: SyntaxFault | undefined;

  constructor(parameters: Parameters) {
    this.rest = parameters;
  }

  text(name: string): string | undefined {
    const value = this.rest.get(name);
    if (value !== undefined) this.rest = this.rest.without(name);
    return value;
  }

  flag(name: string): boolean {
    return this.text(name) !== undefined;
  }

  integer(name: string, maximum = MAXIMUM_UINT32): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = scanNumber(text, 0, text.length, maximum);
    if (value >= 0) return value;
    this.fault ??= new SyntaxFault(`the parameter ${name} is not a number up to ${String(maximum)}`);
    return undefined;
  }

  /** A qvalue (RFC 3261 25.1): 0 to 1 with three decimals at most. */
  quality(): number | undefined {
    const text = this.text('q');
    if (text === undefined) return undefined;
    if (/^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text)) return Number(text);
    this.fault ??= new SyntaxFault('the q value is not between 0 and 1');
    return undefined;
  }

  /** A parameter that has to be there, once. */
  required(name: string): string {
    const isDoubled = [...this.rest].filter(([each]) => each === name).length > 1;
    const value = this.text(name);
    if (isDoubled) this.fault ??= new SyntaxFault(`more than one parameter ${name}`);
    if (value === undefined || value === '') this.fault ??= new SyntaxFault(`the parameter ${name} is missing`);
    return value ?? '';
  }
}

/** Writes the parameters that a header field defines, then the others. */
export function printParameters(
  known: Readonly<Record<string, string | number | true | undefined>>,
  others: Parameters = Parameters.EMPTY,
): string {
  const entries: [name: string, value: string][] = [];
  for (const [name, value] of Object.entries(known)) {
    if (value !== undefined)
      entries.push([name, typeof value === 'number' ? printNumber(name, value) : printText(value)]);
  }
  return Parameters.of(entries).toString() + others.toString();
}

function printNumber(name: string, value: number): string {
  return name === 'q' ? printQuality(value) : printInteger(value, `the parameter ${name}`);
}

/** An empty text means a name alone. */
function printText(value: string | true): string {
  return value === true ? '' : value;
}
