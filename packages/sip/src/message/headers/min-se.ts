import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { MAXIMUM_UINT32, printParameters } from './shapes/known-parameters.ts';
import { Scanner } from './shapes/scanner.ts';

export interface MinSE {
  readonly seconds: number;
  readonly parameters?: Parameters;
}

/** Min-SE (RFC 4028 5): the shortest session interval that is acceptable. */
export const MinSE: HeaderType<MinSE> = {
  name: 'Min-SE',
  list: false,
  parse,
  print: ({ seconds, parameters }) => String(seconds) + printParameters({}, parameters),
};

function parse(text: string): MinSE | SyntaxFault {
  const scanner = new Scanner(text);
  const seconds = scanner.integer('Min-SE', MAXIMUM_UINT32);
  if (seconds instanceof SyntaxFault) return seconds;
  const parameters = scanner.parameters();
  return parameters instanceof SyntaxFault ? parameters : { seconds, parameters };
}
