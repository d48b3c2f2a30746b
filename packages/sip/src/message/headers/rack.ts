import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { MAXIMUM_UINT32 } from './shapes/known-parameters.ts';
import { Scanner } from './shapes/scanner.ts';
import { printInteger, printToken } from '../printing.ts';

export interface RAck {
  /** The RSeq of the response that is acknowledged. */
  readonly responseNumber: number;
  readonly cseqNumber: number;
  readonly method: string;
}

/** RAck (RFC 3262 7.2): which provisional response a PRACK acknowledges. */
export const RAck: HeaderType<RAck> = {
  name: 'RAck',
  list: false,
  parse,
  print: ({ responseNumber, cseqNumber, method }) =>
    [
      printInteger(responseNumber, 'a response number'),
      printInteger(cseqNumber, 'a CSeq number'),
      printToken(method, 'a method'),
    ].join(' '),
};

function parse(text: string): RAck | SyntaxFault {
  const scanner = new Scanner(text);
  const responseNumber = scanner.integer('the response number', MAXIMUM_UINT32);
  if (responseNumber instanceof SyntaxFault) return responseNumber;
  if (!scanner.skipSpace()) return scanner.fault('a space is missing');
  const cseqNumber = scanner.integer('the CSeq number', MAXIMUM_UINT32);
  if (cseqNumber instanceof SyntaxFault) return cseqNumber;
  if (!scanner.skipSpace()) return scanner.fault('a space is missing');
  const method = scanner.token();
  return method === '' ? scanner.fault('the method is missing') : scanner.end({ responseNumber, cseqNumber, method });
}
