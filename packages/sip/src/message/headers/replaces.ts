import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { parseCallIdParameters } from './shapes/call-id.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { printCallId } from '../printing.ts';

export interface Replaces {
  readonly callId: string;
  /** The tags as the recipient sees the dialog: `toTag` is its own. */
  readonly toTag: string;
  readonly fromTag: string;
  /** Whether a dialog that is confirmed already shall be left alone. */
  readonly earlyOnly?: boolean;
  readonly parameters?: Parameters;
}

/** Replaces (RFC 3891 6.1): the dialog that the new one shall take the place of. */
export const Replaces: HeaderType<Replaces> = { name: 'Replaces', list: false, parse, print };

function parse(text: string): Replaces | SyntaxFault {
  const value = parseCallIdParameters(text);
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const toTag = known.required('to-tag');
  const fromTag = known.required('from-tag');
  const earlyOnly = known.flag('early-only');
  return known.fault ?? { callId: value.callId, toTag, fromTag, earlyOnly, parameters: known.rest };
}

function print({ callId, toTag, fromTag, earlyOnly, parameters }: Replaces): string {
  const known = { 'to-tag': toTag, 'from-tag': fromTag, 'early-only': earlyOnly === true ? earlyOnly : undefined };
  return printCallId(callId) + printParameters(known, parameters);
}
