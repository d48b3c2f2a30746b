import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, MAXIMUM_UINT32, printParameters } from './shapes/known-parameters.ts';
import { isComment, Scanner } from './shapes/scanner.ts';
import { printInteger, refused } from '../printing.ts';

export interface RetryAfter {
  readonly seconds: number;
  /** The comment as it is written, in its parentheses. */
  readonly comment?: string | undefined;
  /** How long the called party will be there, in seconds, counted from then. */
  readonly duration?: number | undefined;
  readonly parameters?: Parameters;
}

/** Retry-After (RFC 3261 20.33): when to try again. */
export const RetryAfter: HeaderType<RetryAfter> = { name: 'Retry-After', list: false, parse, print };

function parse(text: string): RetryAfter | SyntaxFault {
  const scanner = new Scanner(text);
  const seconds = scanner.integer('Retry-After', MAXIMUM_UINT32);
  if (seconds instanceof SyntaxFault) return seconds;
  const comment = scanner.sees('(') ? scanner.comment() : undefined;
  if (comment instanceof SyntaxFault) return comment;
  const parameters = scanner.parameters();
  if (parameters instanceof SyntaxFault) return parameters;
  const known = new KnownParameters(parameters);
  const duration = known.integer('duration');
  return known.fault ?? { seconds, comment, duration, parameters: known.rest };
}

function print({ seconds, comment, duration, parameters }: RetryAfter): string {
  if (comment !== undefined && !isComment(comment)) throw refused('a comment', comment);
  return (
    printInteger(seconds, 'Retry-After') +
    (comment === undefined ? '' : ` ${comment}`) +
    printParameters({ duration }, parameters)
  );
}
