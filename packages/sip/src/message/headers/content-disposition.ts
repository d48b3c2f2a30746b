import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';
import { printToken } from '../printing.ts';

export interface ContentDisposition {
  /** `session`, `render`, `icon`, `alert` or another, in lower case. */
  readonly type: string;
  /** `required` or `optional`, in lower case; `required` where it is not said (RFC 5621 8.1). */
  readonly handling?: string | undefined;
  readonly parameters?: Parameters;
}

/** Content-Disposition (RFC 3261 20.11): what a body or a body part is for. */
export const ContentDisposition: HeaderType<ContentDisposition> = {
  name: 'Content-Disposition',
  list: false,
  parse,
  print: ({ type, handling, parameters }) =>
    printToken(type, 'a disposition type') + printParameters({ handling }, parameters),
};

function parse(text: string): ContentDisposition | SyntaxFault {
  const value = parseTokenParameters(text, 'the disposition type');
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const handling = known.text('handling')?.toLowerCase();
  return { type: value.token.toLowerCase(), handling, parameters: known.rest };
}
