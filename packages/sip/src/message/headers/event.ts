import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';
import { printToken } from '../printing.ts';

export interface Event {
  /** The package with its templates, like `presence.winfo`; event types are compared byte by byte. */
  readonly type: string;
  readonly id?: string | undefined;
  readonly parameters?: Parameters;
}

/** Event (RFC 6665 8.2.1): the event package and what else tells one subscription from another. */
export const Event: HeaderType<Event> = {
  name: 'Event',
  compact: 'o',
  list: false,
  parse,
  print: ({ type, id, parameters }) => printToken(type, 'an event type') + printParameters({ id }, parameters),
};

function parse(text: string): Event | SyntaxFault {
  const value = parseTokenParameters(text, 'the event type');
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  return { type: value.token, id: known.text('id'), parameters: known.rest };
}
