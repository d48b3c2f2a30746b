import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, MAXIMUM_UINT32, printParameters } from './shapes/known-parameters.ts';
import { Scanner } from './shapes/scanner.ts';
import { printInteger } from '../printing.ts';

export interface SessionExpires {
  readonly seconds: number;
  readonly refresher?: 'uac' | 'uas' | undefined;
  readonly parameters?: Parameters;
}

/** Session-Expires (RFC 4028 4): the session interval, and who refreshes the session. */
export const SessionExpires: HeaderType<SessionExpires> = {
  name: 'Session-Expires',
  compact: 'x',
  list: false,
  parse,
  print: ({ seconds, refresher, parameters }) =>
    printInteger(seconds, 'Session-Expires') + printParameters({ refresher }, parameters),
};

function parse(text: string): SessionExpires | SyntaxFault {
  const scanner = new Scanner(text);
  const seconds = scanner.integer('Session-Expires', MAXIMUM_UINT32);
  if (seconds instanceof SyntaxFault) return seconds;
  const parameters = scanner.parameters();
  if (parameters instanceof SyntaxFault) return parameters;
  const known = new KnownParameters(parameters);
  const refresher = known.text('refresher')?.toLowerCase();
  if (refresher !== undefined && refresher !== 'uac' && refresher !== 'uas') {
    return scanner.fault('the refresher is neither uac nor uas');
  }
  return { seconds, refresher, parameters: known.rest };
}
