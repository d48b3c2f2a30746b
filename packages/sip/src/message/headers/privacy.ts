import type { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { Scanner } from './shapes/scanner.ts';
import { printToken } from '../printing.ts';

/** Privacy (RFC 3323 4.2): what a privacy service shall hide; values in lower case. */
export const Privacy: HeaderType<readonly string[]> = {
  name: 'Privacy',
  list: false,
  parse,
  print: (values) => values.map((value) => printToken(value, 'a privacy value')).join(';'),
};

function parse(text: string): readonly string[] | SyntaxFault {
  const scanner = new Scanner(text);
  const values: string[] = [];
  do {
    const value = scanner.token();
    if (value === '') return scanner.fault('a privacy value is missing');
    values.push(value.toLowerCase());
  } while (scanner.accept(';'));
  return scanner.end(values);
}
