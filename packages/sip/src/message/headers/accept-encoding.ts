import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';
import { printToken } from '../printing.ts';

export interface AcceptEncoding {
  /** A content coding, or `*` for all others. */
  readonly coding: string;
  readonly q?: number | undefined;
  readonly parameters?: Parameters;
}

/** Accept-Encoding (RFC 3261 20.2): the content codings that a body may have. */
export const AcceptEncoding: HeaderType<AcceptEncoding> = {
  name: 'Accept-Encoding',
  list: true,
  parse,
  print: ({ coding, q, parameters }) => printToken(coding, 'a content coding') + printParameters({ q }, parameters),
};

function parse(text: string): AcceptEncoding | SyntaxFault {
  const value = parseTokenParameters(text, 'the content coding');
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const q = known.quality();
  return known.fault ?? { coding: value.token, q, parameters: known.rest };
}
