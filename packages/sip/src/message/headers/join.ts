import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { parseCallIdParameters } from './shapes/call-id.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { printCallId } from '../printing.ts';

export interface Join {
  readonly callId: string;
  /** The tags as the recipient sees the dialog: `toTag` is its own. */
  readonly toTag: string;
  readonly fromTag: string;
  readonly parameters?: Parameters;
}

/** Join (RFC 3911 7.1): the dialog that the new one shall be mixed with. */
export const Join: HeaderType<Join> = {
  name: 'Join',
  list: false,
  parse,
  print: ({ callId, toTag, fromTag, parameters }) =>
    printCallId(callId) + printParameters({ 'to-tag': toTag, 'from-tag': fromTag }, parameters),
};

function parse(text: string): Join | SyntaxFault {
  const value = parseCallIdParameters(text);
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const toTag = known.required('to-tag');
  const fromTag = known.required('from-tag');
  return known.fault ?? { callId: value.callId, toTag, fromTag, parameters: known.rest };
}
