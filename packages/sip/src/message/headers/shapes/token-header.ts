import type { SyntaxFault } from '../../fault.ts';
import type { HeaderType } from '../../header.ts';
import { Scanner } from './scanner.ts';
import { printToken } from '../../printing.ts';

/** A header field whose every value is one token; their case is kept as it came. */
function header(name: string, list: boolean, compact?: string): HeaderType<string> {
  return {
    name,
    ...(compact !== undefined && { compact }),
    list,
    parse(text: string): string | SyntaxFault {
      const scanner = new Scanner(text);
      const token = scanner.token();
      return token === '' ? scanner.fault(`${name} is not a token`) : scanner.end(token);
    },
    print: (value) => printToken(value, name),
  };
}

export function tokenHeader(name: string): HeaderType<string> {
  return header(name, false);
}

export function tokenListHeader(name: string, compact?: string): HeaderType<string> {
  return header(name, true, compact);
}
