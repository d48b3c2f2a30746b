import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { printParameters } from './shapes/known-parameters.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';

export interface ReferSub {
  readonly subscribe: boolean;
  readonly parameters?: Parameters;
}

/** Refer-Sub (RFC 4488 4): whether a REFER makes a subscription. */
export const ReferSub: HeaderType<ReferSub> = {
  name: 'Refer-Sub',
  list: false,
  parse,
  print: ({ subscribe, parameters }) => String(subscribe) + printParameters({}, parameters),
};

function parse(text: string): ReferSub | SyntaxFault {
  const value = parseTokenParameters(text, 'true or false');
  if (value instanceof SyntaxFault) return value;
  const token = value.token.toLowerCase();
  if (token !== 'true' && token !== 'false') return new SyntaxFault('neither true nor false');
  return { subscribe: token === 'true', parameters: value.parameters };
}
