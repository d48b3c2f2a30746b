import { SyntaxFault } from '../../fault.ts';
import type { Parameters } from '../../parameters.ts';
import { Scanner } from './scanner.ts';

/** A token and the parameters behind it: what most values of RFC 3261 section 20 are made of. */
export interface TokenParameters {
  readonly token: string;
  readonly parameters: Parameters;
}

export function parseTokenParameters(text: string, what: string): TokenParameters | SyntaxFault {
  const scanner = new Scanner(text);
  const token = scanner.token();
  if (token === '') return scanner.fault(`${what} is missing`);
  const parameters = scanner.parameters();
  return parameters instanceof SyntaxFault ? parameters : { token, parameters };
}
