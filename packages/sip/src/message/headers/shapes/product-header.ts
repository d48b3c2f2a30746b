import { SyntaxFault } from '../../fault.ts';
import type { HeaderType } from '../../header.ts';
import { isComment, Scanner } from './scanner.ts';
import { printToken, refused } from '../../printing.ts';

/** A program in Server or User-Agent (RFC 3261 25.1 product). */
export interface Product {
  readonly product: string;
  readonly version?: string | undefined;
}

/** What is said between the programs (RFC 3261 25.1 comment). */
export interface ProductComment {
  /** As it is written, in its parentheses. */
  readonly comment: string;
}

/** Server and User-Agent: programs by name and version, with comments (RFC 3261 25.1 server-val). */
export function productHeader(name: string): HeaderType<readonly (Product | ProductComment)[]> {
  return { name, list: false, parse, print: (values) => values.map(printValue).join(' ') };
}

function parse(text: string): readonly (Product | ProductComment)[] | SyntaxFault {
  const scanner = new Scanner(text);
  const values: (Product | ProductComment)[] = [];
  do {
    const value = scanner.sees('(') ? scanComment(scanner) : scanProduct(scanner);
    if (value instanceof SyntaxFault) return value;
    values.push(value);
  } while (!scanner.atEnd);
  return values;
}

function scanComment(scanner: Scanner): ProductComment | SyntaxFault {
  const comment = scanner.comment();
  return comment instanceof SyntaxFault ? comment : { comment };
}

function scanProduct(scanner: Scanner): Product | SyntaxFault {
  const product = scanner.token();
  if (product === '') return scanner.fault('a product name is missing');
  if (!scanner.accept('/')) return { product, version: undefined };
  const version = scanner.token();
  return version === '' ? scanner.fault('the product version is missing') : { product, version };
}

function printValue(value: Product | ProductComment): string {
  if ('comment' in value) {
    if (!isComment(value.comment)) throw refused('a comment', value.comment);
    return value.comment;
  }
  const product = printToken(value.product, 'a product');
  return value.version === undefined ? product : `${product}/${printToken(value.version, 'a product version')}`;
}
