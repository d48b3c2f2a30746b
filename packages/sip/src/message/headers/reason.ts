import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { quote } from '../quoted-string.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';
import { printToken } from '../printing.ts';

export interface Reason {
  /** `SIP` when the cause is a status code, `Q.850` when it is one of ISDN. */
  readonly protocol: string;
  readonly cause?: number | undefined;
  readonly text?: string | undefined;
  readonly parameters?: Parameters;
}

/** Reason (RFC 3326 2): why the request was sent, as another protocol or another response says it. */
export const Reason: HeaderType<Reason> = { name: 'Reason', list: true, parse, print };

function parse(text: string): Reason | SyntaxFault {
  const value = parseTokenParameters(text, 'the protocol');
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const cause = known.integer('cause');
  const reason = { protocol: value.token, cause, text: known.text('text'), parameters: known.rest };
  return known.fault ?? reason;
}

function print({ protocol, cause, text, parameters }: Reason): string {
  // The grammar wants reason-text in quotes even where a token would do.
  const reasonText = text === undefined ? '' : `;text=${quote(text)}`;
  return printToken(protocol, 'a protocol') + printParameters({ cause }) + reasonText + printParameters({}, parameters);
}
