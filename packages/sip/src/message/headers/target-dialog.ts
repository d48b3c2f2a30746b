import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { parseCallIdParameters } from './shapes/call-id.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { printCallId } from '../printing.ts';

export interface TargetDialog {
  readonly callId: string;
  /** The tags as the recipient sees the dialog (RFC 4538 3): `localTag` is its own, `remoteTag` that of the sender. */
  readonly localTag: string;
  readonly remoteTag: string;
  readonly parameters?: Parameters;
}

/** Target-Dialog (RFC 4538 7): a dialog that both sides know, which shows that the request may be trusted. */
export const TargetDialog: HeaderType<TargetDialog> = {
  name: 'Target-Dialog',
  list: false,
  parse,
  print: ({ callId, localTag, remoteTag, parameters }) =>
    printCallId(callId) + printParameters({ 'local-tag': localTag, 'remote-tag': remoteTag }, parameters),
};

function parse(text: string): TargetDialog | SyntaxFault {
  const value = parseCallIdParameters(text);
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const localTag = known.required('local-tag');
  const remoteTag = known.required('remote-tag');
  return known.fault ?? { callId: value.callId, localTag, remoteTag, parameters: known.rest };
}
