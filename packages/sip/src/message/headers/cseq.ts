import { DIGIT, isAll, scanNumber, skip, SPACE, TOKEN } from '../characters.ts';
import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { printInteger, printToken } from '../printing.ts';

/** A sequence number is less than 2**31 (RFC 3261 8.1.1.5). */
export const maximumCSeq = 0x7fff_ffff;

/** RFC 3261 20.16. */
export interface CSeq {
  readonly number: number;
  readonly method: string;
}

export const CSeq: HeaderType<CSeq> = {
  name: 'CSeq',
  list: false,
  parse(text): CSeq | SyntaxFault {
    const digitsEnd = skip(text, 0, text.length, DIGIT);
    const number = scanNumber(text, 0, digitsEnd, maximumCSeq);
    if (number < 0) return new SyntaxFault('CSeq number is not below 2**31');
    const methodStart = skip(text, digitsEnd, text.length, SPACE);
    const method = text.slice(methodStart);
    if (methodStart === digitsEnd || !isAll(method, TOKEN)) return new SyntaxFault('no method in CSeq', methodStart);
    return { number, method };
  },
  print: ({ number, method }) =>
    `${printInteger(number, 'a CSeq number', maximumCSeq)} ${printToken(method, 'a method')}`,
};
