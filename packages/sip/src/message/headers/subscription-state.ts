import { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import type { Parameters } from '../parameters.ts';
import { KnownParameters, printParameters } from './shapes/known-parameters.ts';
import { parseTokenParameters } from './shapes/token-parameters.ts';
import { printToken } from '../printing.ts';

export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or an extension, in lower case. */
  readonly state: string;
  readonly reason?: string | undefined;
  readonly expires?: number | undefined;
  readonly retryAfter?: number | undefined;
  readonly parameters?: Parameters;
}

/** Subscription-State (RFC 6665 8.2.3): what became of the subscription that a NOTIFY belongs to. */
export const SubscriptionState: HeaderType<SubscriptionState> = {
  name: 'Subscription-State',
  list: false,
  parse,
  print: ({ state, reason, expires, retryAfter, parameters }) =>
    printToken(state, 'a subscription state') +
    printParameters({ reason, expires, 'retry-after': retryAfter }, parameters),
};

function parse(text: string): SubscriptionState | SyntaxFault {
  // linphone 5 says the name of the reason twice.
  const value = parseTokenParameters(text.replace(/;\s*reason=reason=/i, ';reason='), 'the subscription state');
  if (value instanceof SyntaxFault) return value;
  const known = new KnownParameters(value.parameters);
  const reason = known.text('reason');
  const expires = known.integer('expires');
  const retryAfter = known.integer('retry-after');
  return known.fault ?? { state: value.token.toLowerCase(), reason, expires, retryAfter, parameters: known.rest };
}
