import { scanNumber } from '../characters.ts';
import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { printInteger } from '../printing.ts';

/** A header field that is one decimal number. */
export function numberHeader(name: string, maximum: number, compact?: string): HeaderType<number> {
  const type = {
    name,
    list: false,
    parse(text: string): number | SyntaxFault {
      const value = scanNumber(text, 0, text.length, maximum);
      return value < 0 ? new SyntaxFault(`${name} is not a number up to ${String(maximum)}`) : value;
    },
    print: (value: number) => printInteger(value, name, maximum),
  };
  return compact === undefined ? type : { ...type, compact };
}
